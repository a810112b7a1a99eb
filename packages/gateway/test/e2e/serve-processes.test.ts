import { readdirSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { type AuditVerdict, verifyAudit } from '../../src/observe/verify-audit.ts';
import { runLockgate } from '../cli/run-lockgate.ts';
import { callFrame } from '../fixtures/raw-client.ts';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const EVERYTHING = new URL('../conformance/fixtures/everything-stdio.ts', import.meta.url).pathname;
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
  test('is one gateway: sessions, metrics and health, while processes die and are replaced', {
    timeout: 120_000,
  }, async () => {
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
    const reloading = command('reload').then(({ code }) => code);
    let reloaded: number | undefined;
    void reloading.then((code) => {
      reloaded = code;
    });
    while (reloaded === undefined) await call();
    expect([reloaded, lockgate.stderr]).toEqual([
      0,
      expect.stringMatching(/every process has been started anew[^\n]*"replaced":2/),
    ]);
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

  test('ends with the exit code of the first process, where that does not come up', async () => {
    await using lockgate = await start(['--processes', '2'], { audit: { keyFile: './none' } });
    expect(await lockgate.exited).toBe(1);
    expect(lockgate.stderr).toMatch(/the first process did not come up: it ended by exit code 1/);
  });
});
