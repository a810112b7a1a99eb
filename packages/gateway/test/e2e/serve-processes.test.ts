import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import { type AuditVerdict, verifyAudit } from '../../src/observe/verify-audit.ts';
import { runLockgate } from '../cli/run-lockgate.ts';
import { isAlive } from '../fixtures/is-alive.ts';
import { callFrame, modernHeaders } from '../fixtures/raw-client.ts';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const EVERYTHING = new URL('../conformance/fixtures/everything-stdio.ts', import.meta.url).pathname;
const FAMILY = new URL('../fixtures/family-program.ts', import.meta.url).pathname;
const TYPES = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const INITIALIZE =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}';

/** Asks on a connection of its own, so that the next process in turn answers. */
async function ask(url: string | URL, method: string, headers: Record<string, string>, body?: string) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, { method, headers, agent: new Agent() }, resolve).once('error', reject).end(body);
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const start = (args: readonly string[], gateway: object = {}, mcpServers: object = {}) =>
  LockgateProcess.start({
    config: {
      gateway: { listen: '127.0.0.1:0', logDir: 'logs', adminSocket: './admin.sock', ...gateway },
      mcpServers,
      plugins: { echo: { path: './echo.wasm', isolation: 'inline' } },
    },
    files: { 'echo.wasm': echoGuest() },
    args,
  });

describe('lockgate serve --processes', () => {
  test('is one gateway: sessions, metrics and health, while processes die and are replaced', async () => {
    await using lockgate = await start(['--processes', '2']);
    const url = await lockgate.url();
    const serves = async (number: number, times = 1): Promise<number> => {
      const line = `a process serves [^\n]*"worker":${number},[^\n]*"pid":(\\d+)`;
      return Number((await lockgate.said(new RegExp(`(?:${line}[^]*){${times}}`)))[1]);
    };
    const first = await serves(1);
    await serves(2);
    const begun = await ask(url, 'POST', TYPES, INITIALIZE);
    const headers = { ...TYPES, 'mcp-session-id': String(begun.headers['mcp-session-id']) };
    let calls = 0;
    const call = async (): Promise<void> => {
      calls += 1;
      const body = callFrame('legacy', '1', 'echo__echo', `{"message":"m${calls}"}`);
      const answer = await ask(url, 'POST', headers, body);
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(`m${calls}`) });
    };
    const command = (name: string) => runLockgate([name], { workingFolder: lockgate.folder });
    const counted = async (): Promise<Record<string, number>> => {
      const { body } = await ask(new URL('/metrics', url), 'GET', {});
      return Object.fromEntries(
        [
          ...body.matchAll(
            /^(lockgate_processes|lockgate_process_restarts_total|lockgate_requests_total\{.*tools\/call.*\}) (\d+)$/gm,
          ),
        ].map(([, name = '', value]) => [name.replace(/\{.*/, ''), Number(value)]),
      );
    };
    const health = async (): Promise<object> => JSON.parse((await ask(new URL('/health', url), 'GET', {})).body);

    const audited = (): Promise<AuditVerdict[]> => {
      const logs = join(lockgate.folder, 'logs');
      const files = readdirSync(logs).filter((name) => name.startsWith('audit-'));
      return Promise.all(files.map((file) => verifyAudit(join(logs, file), 1)));
    };
    const linesOf = (files: readonly AuditVerdict[]): number => files.reduce((lines, file) => lines + file.lines, 0);

    for (let more = 0; more < 6; more += 1) await call();
    for (let each = 0; each < 2; each += 1) {
      expect(await counted()).toEqual({
        lockgate_requests_total: 6,
        lockgate_processes: 2,
        lockgate_process_restarts_total: 0,
      });
      expect(await health()).toMatchObject({ status: 'ready', up: 1, processes: { serving: 2, wanted: 2 } });
    }

    // Its lines are written together, at the latest after 50 ms: killed before, it would take some with it.
    while (linesOf(await audited()) < calls);
    process.kill(first, 'SIGKILL');
    await lockgate.said(/a process ended by itself[^\n]*SIGKILL/);
    await call();
    await serves(1, 2);
    await call();
    expect(await counted()).toEqual({
      lockgate_requests_total: 8,
      lockgate_processes: 2,
      lockgate_process_restarts_total: 1,
    });

    const status = await command('status');
    expect(status.stdout).toMatch(/processes +1 \(process \d+, \d sessions?\), 2 \(process/);
    const told = async (): Promise<number> =>
      JSON.parse((await runLockgate(['status', '--json'], { workingFolder: lockgate.folder })).stdout).totals.calls;
    const [toldBefore, callsBefore] = [await told(), calls];
    let reloaded: string | undefined;
    void command('reload').then(({ code, stdout }) => {
      reloaded = `${code}: ${stdout}`;
    });
    while (reloaded === undefined) await call();
    expect([reloaded, lockgate.stderr]).toEqual([
      '0: nothing has changed in the configuration\n2 processes started anew\n',
      expect.stringMatching(/every process has been started anew[^\n]*"replaced":2/),
    ]);
    // A process that ends tells of its last second by the way.
    await expect.poll(told).toBe(toldBefore + calls - callsBefore);
    const { stdout: log } = await command('logs');
    for (const worker of [1, 2]) expect(log).toMatch(new RegExp(`module loaded.*"worker":${worker}`));
    expect((await command('pins')).code).toBe(0);
    await call();
    expect(await counted()).toMatchObject({ lockgate_requests_total: calls });

    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
    const files = await audited();
    expect(files.every(({ problems, torn }) => problems.length === 0 && torn === 0)).toBe(true);
    expect(linesOf(files)).toBeGreaterThanOrEqual(calls);
  });

  test('has one console: sessions, links, calls and actions are those of all processes, while these are replaced', async () => {
    const viewer = 'lg_viewer_0123456789abcdef0123456789';
    const args = ['-e', `console.error('here'); import(${JSON.stringify(FAMILY)})`];
    await using lockgate = await start(
      ['--processes', '2'],
      { auth: { apiKeys: [{ name: 'viewer', hash: hashApiKey(viewer), admin: 'viewer' }] } },
      { family: { command: process.execPath, args } },
    );
    const url = await lockgate.url();
    await lockgate.said(/a process serves [^\n]*"worker":2/);
    const { origin } = new URL(url);
    const asked = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const text = body && JSON.stringify(body);
      const answer = await ask(`${origin}/console/api/${path}`, method, { ...type, ...headers }, text);
      return { ...answer, said: JSON.parse(answer.body) };
    };
    // The admin socket is opened once all serve.
    let link = '';
    const printed = async (): Promise<number> => {
      const { code, stdout } = await runLockgate(['console'], { workingFolder: lockgate.folder });
      link = stdout;
      return code;
    };
    await expect.poll(printed).toBe(0);
    const token = link.trim().replace(/.*#sign-in=/, '');
    const tries = await Promise.all(Array.from({ length: 6 }, () => asked('POST', 'session', { origin }, { token })));
    expect(tries.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    const signedIn = tries.find(({ status }) => status === 200);
    const cookie = String(signedIn?.headers['set-cookie']).replace(/;.*/, '');
    const acting = { cookie, origin, 'x-lockgate-csrf': signedIn?.said.csrf };

    const key = { authorization: `Bearer ${viewer}` };
    for (let each = 0; each < 6; each += 1) {
      const frame = callFrame('modern', String(each), 'echo__echo', '{"message":"m"}');
      expect(await ask(url, 'POST', { ...modernHeaders('echo__echo'), ...key }, frame)).toMatchObject({ status: 200 });
    }
    const idsOf = ({ said }: { said: { calls: { id: string }[] } }) => said.calls.map(({ id }) => id);
    const page = await asked('GET', 'calls?limit=4', { cookie });
    const rest = await asked('GET', `calls?limit=4&before=${page.said.next}`, { cookie });
    const ids = [...idsOf(page), ...idsOf(rest)];
    expect([new Set(ids).size, new Set(ids.map((id) => id.replace(/\..*/, ''))).size]).toEqual([6, 2]);
    expect(await asked('GET', `calls/${ids[5]}`, { cookie })).toMatchObject({
      said: { id: ids[5], target: 'echo__echo' },
    });
    const overview = await asked('GET', 'overview', { cookie });
    expect(overview.said).toMatchObject({ totals: { calls: 6 }, processes: [{ number: 1 }, { number: 2 }] });
    expect((await asked('GET', 'tools', { cookie })).headers['lockgate-worker']).toBe('1');

    // Of two processes, each has its own program, and each is told.
    const programs = async (): Promise<string[]> => {
      const { said } = await asked('GET', 'upstreams/family', { cookie });
      return said.stderr.map(({ text }: { text: string }) => text.slice(0, 3)).sort();
    };
    await expect.poll(programs).toEqual(['[1]', '[2]']);
    const { 'x-lockgate-csrf': _, ...forged } = acting;
    expect((await asked('POST', 'upstreams/echo/reload', forged)).said.error.code).toBe('CSRF');
    for (const path of ['upstreams/echo/reload', 'sign-in-link', 'connections/begin'])
      expect((await asked('POST', path, key)).said.error.code).toBe('ROLE');
    expect((await asked('DELETE', 'visitor', acting)).said.error.code).toBe('ROLE');
    expect((await asked('POST', 'upstreams/echo/restart', acting)).status).toBe(200);
    for (const worker of [1, 2])
      await lockgate.said(new RegExp(`somebody acts on a server[^\n]*"worker":${worker},[^\n]*"by":"console:link"`));

    const opened: IncomingMessage[] = [];
    for (let each = 0; each < 9; each += 1) {
      const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
      const events = `${origin}/console/api/events`;
      request(events, { headers: { cookie }, agent: new Agent() }, resolve).end();
      opened.push(await promise);
    }
    expect(opened.map(({ statusCode }) => statusCode)).toEqual([...Array(8).fill(200), 429]);

    // Each is replaced while the browser waits at one of them, and is told by it all the same.
    expect(await asked('POST', 'configuration/reload', acting)).toMatchObject({
      status: 200,
      said: { isApplied: true, replaced: 2 },
    });
    const reached = await asked('GET', 'session', { cookie });
    expect(reached.said).toMatchObject({ signedIn: true, name: 'console:link' });
    await asked('DELETE', 'session', acting);
    for (let each = 0; each < 2; each += 1) expect((await asked('GET', 'overview', { cookie })).status).toBe(401);
    for (const one of opened) one.destroy();
    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
  });

  test('brings the answers of clients of both eras to the process where their calls wait for them', async () => {
    const args = ['--conditions=@lockgate/source', EVERYTHING];
    await using lockgate = await start(['--processes', '2'], {}, { all: { command: process.execPath, args } });
    const url = await lockgate.url();
    await lockgate.said(/a process serves [^\n]*"worker":2/);
    for (const era of ['legacy', 'modern'] as const) {
      await using client = await connect(url, era, {}, { elicitation: {} });
      const answer = { action: 'accept' as const, content: { username: 'u', email: 'e' } };
      client.setRequestHandler('elicitation/create', async () => answer);
      const call = () => client.callTool({ name: 'all__test_elicitation', arguments: { message: 'who?' } });
      const results = await Promise.all(Array.from({ length: 16 }, call));
      expect(results.filter((result) => textOf(result).includes('action=accept'))).toHaveLength(16);
    }
  });

  test.each([
    ['broken', (text: string) => `{ ${text}`],
    ['changed', (text: string) => text.replace('"echo"', '"other"')],
  ])(
    'serves one configuration with all its processes, where one starts again that would find the file %s',
    async (_, change) => {
      await using lockgate = await start(['--processes', '2', '--no-watch']);
      const url = await lockgate.url();
      const [, pid] = await lockgate.said(/a process serves [^\n]*"worker":2,[^\n]*"pid":(\d+)/);
      const file = join(lockgate.folder, 'lockgate.json');
      await writeFile(file, change(await readFile(file, 'utf8')));
      process.kill(Number(pid), 'SIGKILL');
      await lockgate.said(/a process ended by itself.*a process serves [^\n]*"worker":2,/s);
      const begun = await ask(url, 'POST', TYPES, INITIALIZE);
      const headers = { ...TYPES, 'mcp-session-id': String(begun.headers['mcp-session-id']) };
      for (let each = 0; each < 4; each += 1) {
        const { body } = await ask(url, 'POST', headers, '{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
        expect(body).toContain('"echo__echo"');
        expect(body).not.toContain('other__');
      }
      expect(await lockgate.stop(), lockgate.stderr).toBe(0);
    },
  );

  test('does what SIGHUP asks for while it starts once all have started', async () => {
    await using lockgate = await start(['--processes', '2']);
    await lockgate.said(/module loaded/);
    lockgate.child.kill('SIGHUP');
    await lockgate.said(/every process has been started anew[^\n]*"replaced":2/);
    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
  });

  test('leaves nothing where it is killed, and starts again at once', async () => {
    const TMPDIR = await mkdtemp(join(tmpdir(), 'lockgate-killed-'));
    const family = { command: process.execPath, args: [FAMILY, 'helper', 'stubborn'] };
    const left = (): readonly string[] => readdirSync(TMPDIR).filter((name) => name.startsWith('lockgate-workers-'));
    const run = async (lockgate: LockgateProcess) => {
      const url = await lockgate.url();
      const pids: number[] = [];
      for (const worker of [1, 2]) {
        const line = new RegExp(`a process serves [^\\n]*"worker":${worker},[^\\n]*"pid":(\\d+)`);
        pids.push(Number((await lockgate.said(line))[1]));
      }
      while (new Set(pids).size < 6) {
        const frame = callFrame('modern', '1', 'family__pids', '{}');
        const { body } = await ask(url, 'POST', modernHeaders('family__pids'), frame);
        pids.push(...JSON.parse(JSON.parse(body).result.content[0].text));
      }
      return { port: new URL(url).port, pids, workers: pids.slice(0, 2) };
    };
    const config = { gateway: { listen: '127.0.0.1:0', adminSocket: './admin.sock' }, mcpServers: { family } };
    const environment = { TMPDIR, MCP_GATEWAY_PROCESSES: '2' };
    await using first = await LockgateProcess.start({ config, environment });
    const begun = await run(first);
    await first.stop('SIGKILL');
    const again = { ...environment, MCP_GATEWAY_LISTEN: `127.0.0.1:${begun.port}` };
    await using second = LockgateProcess.startIn(first.folder, config, again);
    const { workers, pids } = await run(second);
    await expect.poll(() => begun.pids.filter(isAlive)).toEqual([]);
    // Its own processes have ended by themselves, and the last has removed their folder.
    expect(left()).toHaveLength(1);
    for (const pid of [second.child.pid as number, ...workers]) process.kill(pid, 'SIGKILL');
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(left()).toHaveLength(1);
    await using third = LockgateProcess.startIn(first.folder, config, again);
    await third.url();
    expect(left()).toHaveLength(1);
    expect(await third.stop(), third.stderr).toBe(0);
    expect(left()).toEqual([]);
  });

  test('ends with the exit code of the first process, where that does not come up', async () => {
    await using lockgate = await start(['--processes', '2'], { audit: { keyFile: './none' } });
    expect(await lockgate.exited).toBe(1);
    expect(lockgate.stderr).toMatch(/the first process did not come up: it ended by exit code 1/);
  });
});
