import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import { createRedactor } from '../../src/config/secrets.ts';
import { ApiFailure } from '../../src/console/api-failure.ts';
import { openQuickUpstream } from '../fixtures/quick-upstream.ts';
import { rawRequest, rawSession } from '../fixtures/raw-request.ts';
import { ask, OpenedConsole } from './open-console.ts';

const KEY = 'lg_operator_0123456789abcdef0123456789';

const AT = { source: '/etc/lockgate.json', flag: '', waitsForRestart: [] };

async function withEcho(more: object = {}) {
  const upstream = await openQuickUpstream();
  const logDir = await mkdtemp(join(tmpdir(), 'lockgate-console-'));
  const gateway = { listen: '127.0.0.1:0', logDir };
  const console = await OpenedConsole.open({ gateway, mcpServers: { echo: { url: upstream.url, ...more } } });
  return {
    console,
    browser: await console.signIn(),
    async [Symbol.asyncDispose]() {
      await console.gateway.close();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('the overview says what is up, and what needs somebody with its remedy', async () => {
  await using console = await OpenedConsole.open({ mcpServers: { dead: { command: '/nowhere/at-all' } } });
  const { body } = await (await console.signIn()).ask('overview');
  expect(body).toMatchObject({ state: 'running', url: `${console.base}/mcp`, pid: process.pid, sessions: 0 });
  expect(body.upstreams).toMatchObject([{ name: 'dead', kind: 'server', state: 'restarting', transport: 'stdio' }]);
  expect(body.attention).toMatchObject([
    { severity: 'error', subject: 'dead', message: expect.stringContaining('/nowhere/at-all') },
  ]);
});

test('lines that the audit log loses need somebody', async () => {
  const logDir = await mkdtemp(join(tmpdir(), 'lockgate-console-'));
  await mkdir(join(logDir, 'audit.jsonl'));
  await using console = await OpenedConsole.open({ gateway: { logDir } });
  const browser = await console.signIn();
  await rawRequest(`${console.base}/mcp`, 'tools/call', { name: 'nobody__has_it' });
  await expect
    .poll(async () => (await browser.ask('overview')).body.attention)
    .toMatchObject([{ severity: 'error', subject: 'audit log', remedy: expect.stringContaining('gateway.logDir') }]);
});

test('a call of a client is among the calls with who, what and how long, in memory and from the audit log', async () => {
  await using opened = await withEcho();
  const { console, browser } = opened;
  await rawRequest(`${console.base}/mcp`, 'tools/call', { name: 'echo__echo', arguments: { text: 'SECRET' } });
  await rawRequest(`${console.base}/mcp`, 'tools/list');
  const { body } = await browser.ask('calls');
  expect(body.calls).toMatchObject([
    {
      principal: 'anonymous',
      server: 'echo',
      method: 'tools/call',
      target: 'echo__echo',
      verdict: 'ok',
      isRunning: false,
    },
  ]);
  const [call] = body.calls;
  const detail = await browser.ask(`calls/${call.id}`);
  const names = detail.body.phases.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['route', 'backend']);
  const past = async (query = '') => (await browser.ask(`calls?source=log${query}`)).body;
  await expect.poll(async () => (await past()).calls.length).toBe(1);
  const [logged] = (await past()).calls;
  expect(logged).toMatchObject({ principal: 'anonymous', target: 'echo__echo', verdict: 'ok', server: 'echo' });
  expect((await browser.ask(`calls/${logged.id}`)).body).toMatchObject({ target: 'echo__echo', phases: [] });
  for (const query of ['&server=other', '&verdict=denied', '&tool=nothing', '&principal=bob', '&from=99999999999999']) {
    expect((await past(query)).calls, query).toEqual([]);
    expect((await browser.ask(`calls?${query}`)).body.calls, query).toEqual([]);
  }
  expect(JSON.stringify([body, detail.body, logged])).not.toContain('SECRET');
  expect((await browser.ask('calls?limit=0')).body.error.message).toContain('1 to 1000');
  for (const query of ['before=xx', 'before=other.1', 'source=log&before=xx', 'from=soon']) {
    const { status, body: refused } = await browser.ask(`calls?${query}`);
    const field = query.split('&').at(-1)?.split('=')[0];
    expect([status, refused.error.message], query).toEqual([400, expect.stringContaining(`"${field}"`)]);
  }
});

test('pages of calls follow each other without a gap, in memory and in the audit log', async () => {
  await using opened = await withEcho();
  const { console, browser } = opened;
  const call = await rawSession(`${console.base}/mcp`);
  for (let number = 0; number < 7; number++) await call('tools/call', { name: 'echo__echo', arguments: {} });
  for (const source of ['memory', 'log']) {
    await expect.poll(async () => (await browser.ask(`calls?source=${source}`)).body.calls.length).toBe(7);
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const before: string = next === undefined ? '' : `&before=${next}`;
      const { body } = await browser.ask(`calls?source=${source}&limit=3${before}`);
      seen.push(...body.calls.map(({ id }: { id: string }) => id));
      next = body.next;
    } while (next !== undefined);
    expect(new Set(seen).size, source).toBe(7);
    expect(seen, source).toHaveLength(7);
  }
});

test('the operator calls a tool through the pipeline, and it is among the calls under its own name', async () => {
  await using opened = await withEcho();
  const { browser } = opened;
  const { body } = await browser.ask('tools');
  expect(body.tools).toMatchObject([
    { name: 'echo__echo', server: 'echo', ownName: 'echo', inputSchema: { type: 'object' } },
  ]);
  const called = await browser.ask('call', { method: 'POST', body: { tool: 'echo__echo', arguments: { text: 'hi' } } });
  expect(called.body.result.content).toEqual([{ type: 'text', text: 'hi' }]);
  const unknown = await browser.ask('call', { method: 'POST', body: { tool: 'nobody__has' } });
  expect(unknown.body.error.message).toContain('Unknown tool');
  const wrong = await browser.ask('call', { method: 'POST', body: { tool: 'echo__echo', arguments: 'text' } });
  expect([wrong.status, wrong.body.error.message]).toEqual([400, expect.stringContaining('"arguments"')]);
  const calls = (await browser.ask('calls?principal=console:link')).body.calls;
  expect(calls.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['failed', 'ok']);
  expect(called.body.call).toBe(calls[1].id);
});

test('arguments that are nested too deeply for a frame are refused in words, and what is not goes through', async () => {
  await using opened = await withEcho();
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  const call = (levels: number) =>
    opened.browser.ask('call', { method: 'POST', body: { tool: 'echo__echo', arguments: { text: nested(levels) } } });
  expect((await call(118)).status).toBe(200);
  const refused = await call(119);
  expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining('nested too deeply')]);
});

test('what an operator does is in the audit log, with who, and how it ended', async () => {
  const upstream = await openQuickUpstream();
  const logDir = await mkdtemp(join(tmpdir(), 'lockgate-console-'));
  const problem = { place: '', message: 'it is broken' };
  let isApplied = true;
  const configuration = {
    ...AT,
    explain: async () => ({ values: [], notes: [] }),
    reload: async () => ({ isApplied, problems: isApplied ? [] : [problem], waitsForRestart: [] }),
    text: async () => ({ text: '{}', format: 'json' as const, revision: 'r1' }),
    check: async () => ({ problems: [], notes: [], waitsForRestart: [] }),
    change: async (_text: string, revision: string) => {
      if (revision !== 'r1') throw new ApiFailure(409, 'CHANGED', 'The file has changed');
      return { isApplied: true, problems: [], waitsForRestart: [], backup: 'b', revision: 'r2' };
    },
  };
  const gateway = { logDir, console: { allowConfigurationChanges: true } };
  const console = await OpenedConsole.open({ gateway, mcpServers: { echo: { url: upstream.url } } }, { configuration });
  const browser = await console.signIn();
  const post = (path: string, body?: object) => browser.ask(path, { method: 'POST', body });
  await post('upstreams/echo/restart');
  await post('upstreams/echo/disable');
  await post('upstreams/echo/enable');
  await post('configuration/reload');
  isApplied = false;
  await post('configuration/reload');
  for (const revision of ['r1', 'r0'])
    await browser.ask('configuration', { method: 'PUT', body: { text: '{"SECRET":1}', revision } });
  await console.gateway.close();
  await upstream[Symbol.asyncDispose]();
  const text = await readFile(join(logDir, 'audit.jsonl'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(
    lines.filter(({ event }) => event === 'operator').map(({ time: _, chain: _chain, event: __, ...rest }) => rest),
  ).toEqual([
    { principal: 'console:link', server: 'echo', method: 'restart', verdict: 'ok' },
    { principal: 'console:link', server: 'echo', method: 'disable', verdict: 'ok' },
    { principal: 'console:link', server: 'echo', method: 'enable', verdict: 'ok' },
    { principal: 'console:link', method: 'reload configuration', verdict: 'ok' },
    { principal: 'console:link', method: 'reload configuration', verdict: 'failed', reason: 'GATEWAY_CONFIG' },
    { principal: 'console:link', method: 'write configuration', verdict: 'ok' },
    { principal: 'console:link', method: 'write configuration', verdict: 'failed', reason: 'CHANGED' },
  ]);
  expect(text).not.toContain('SECRET');
});

test('a secret that an edit has moved into a name is shown nowhere in the configuration', async () => {
  const secret = 'hush-5Up3rS3cret';
  const problem = { place: `mcpServers.${secret}.command`, message: `"${secret}" is no command` };
  const none = { added: [], removed: [], changed: [] };
  const difference = {
    plugins: none,
    guards: none,
    mcpServers: { ...none, added: [secret] },
    roles: none,
    profiles: none,
    limits: none,
    gateway: [],
  };
  const configuration = {
    ...AT,
    explain: async () => ({ values: [{ place: problem.place, value: '"x"', source: 'file' }], notes: [secret] }),
    reload: async () => ({ isApplied: true, problems: [problem], difference, waitsForRestart: [] }),
    text: async () => undefined,
    check: async () => ({ problems: [problem], notes: [secret], difference, waitsForRestart: [] }),
    change: () => Promise.reject(new Error('is not asked')),
  };
  const redact = createRedactor([secret]);
  await using console = await OpenedConsole.open({}, { configuration }, { redact });
  const browser = await console.signIn();
  const told = [
    await browser.ask('configuration'),
    await browser.ask('configuration/check', { method: 'POST', body: { text: '{}' } }),
    await browser.ask('configuration/reload', { method: 'POST' }),
  ];
  for (const { status, text } of told) {
    expect(status).toBe(200);
    expect(text).not.toContain(secret);
    expect(text).toContain('********');
  }
});

test('a server is restarted, switched off and on again, while the configuration stays', async () => {
  await using opened = await withEcho();
  const { console, browser } = opened;
  const act = (action: string) => browser.ask(`upstreams/echo/${action}`, { method: 'POST' });
  const state = async (): Promise<string> => (await browser.ask('upstreams/echo')).body.state;
  expect((await act('restart')).status).toBe(200);
  await expect.poll(state).toBe('running');
  const off = await act('disable');
  expect(off.body.message).toContain('The configuration stays');
  expect(off.body.upstream).toMatchObject({ state: 'disabled', disabledBy: 'console', actions: ['enable'] });
  const refused = await rawRequest(`${console.base}/mcp`, 'tools/call', { name: 'echo__echo', arguments: {} });
  expect(JSON.stringify(refused.body)).toContain('Unknown tool');
  const again = await act('restart');
  expect([again.status, again.body.error.remedy]).toEqual([409, expect.stringContaining('enable')]);
  expect((await browser.ask('overview')).body.attention).toMatchObject([{ severity: 'warning', subject: 'echo' }]);
  await act('enable');
  await expect.poll(state).toBe('running');
  expect((await act('explode')).status).toBe(404);
  expect((await browser.ask('upstreams/nobody/restart', { method: 'POST' })).status).toBe(404);
});

test('the last lines of a program on stderr are told with its page', async () => {
  const script = 'console.error("cannot open the database"); process.stdin.resume()';
  const mcpServers = { noisy: { command: process.execPath, args: ['-e', script], connectTimeoutMs: 60_000 } };
  await using console = await OpenedConsole.open({ mcpServers }, {}, { startWindowMs: 0 });
  const browser = await console.signIn();
  const lines = async () =>
    (await browser.ask('upstreams/noisy')).body.stderr.map(({ text }: { text: string }) => text);
  await expect.poll(lines).toEqual(['cannot open the database']);
});

test('events tell of calls and states from where the stream is, and say where something was missed', async () => {
  await using opened = await withEcho();
  const { console, browser } = opened;
  const first = await follow(console.api('events?topics=call,upstream'), { cookie: browser.cookie });
  await browser.ask('call', { method: 'POST', body: { tool: 'echo__echo', arguments: {} } });
  const call = await first.next('call');
  expect(call.data).toMatchObject({ target: 'echo__echo', verdict: 'ok' });
  await browser.ask('upstreams/echo/disable', { method: 'POST' });
  expect((await first.next('upstream')).data).toMatchObject({ name: 'echo', state: 'disabled' });
  first.close();
  await browser.ask('upstreams/echo/enable', { method: 'POST' });
  await expect.poll(async () => (await browser.ask('upstreams/echo')).body.state).toBe('running');
  await browser.ask('call', { method: 'POST', body: { tool: 'echo__echo', arguments: {} } });
  const resumed = await follow(console.api('events?topics=call'), { cookie: browser.cookie, 'last-event-id': call.id });
  expect((await resumed.next('call')).data.id).not.toBe(call.data.id);
  resumed.close();
  const lost = await follow(console.api('events?topics=call'), {
    cookie: browser.cookie,
    'last-event-id': 'other.1.1.1',
  });
  expect((await lost.next('gap')).data).toEqual({ boot: expect.any(String) });
  lost.close();
});

test('a stream ends with its session', async () => {
  await using opened = await withEcho();
  const { console, browser } = opened;
  const stream = await follow(console.api('events'), { cookie: browser.cookie });
  expect((await browser.ask('session', { method: 'DELETE' })).body.signedIn).toBe(false);
  expect((await stream.next('end')).data).toEqual({ reason: 'signed out' });
  expect((await browser.ask('overview')).status).toBe(401);
});

test('a browser that asks for the bare address is sent to the console; a client of MCP is not', async () => {
  await using console = await OpenedConsole.open();
  const page = await ask(`${console.base}/`, { headers: { accept: 'text/html,*/*' } });
  expect([page.status, page.headers.location]).toEqual([302, '/console/']);
  expect((await ask(`${console.base}/`, { headers: { accept: 'application/json' } })).status).toBe(404);
  expect((await ask(`${console.base}/console`)).headers.location).toBe('/console/');
});

test('the console is off beyond this machine until somebody may sign in, and where the configuration says so', async () => {
  const apiKeys = [{ name: 'client', hash: hashApiKey(KEY) }];
  const isServed = async (gateway: object): Promise<boolean> => {
    await using console = await OpenedConsole.open({ gateway: { listen: '127.0.0.1:0', ...gateway } });
    return (await ask(console.api('session'))).status === 200;
  };
  expect(await isServed({})).toBe(true);
  expect(await isServed({ console: false })).toBe(false);
  expect(await isServed({ publicUrl: 'https://gateway.example.com' })).toBe(false);
  expect(await isServed({ listen: '0.0.0.0:0', auth: { apiKeys } })).toBe(false);
  expect(await isServed({ listen: '0.0.0.0:0', auth: { apiKeys: [{ ...apiKeys[0], admin: 'viewer' }] } })).toBe(true);
});

interface Event {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of any kind
  readonly data: any;
}

async function follow(url: string, headers: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const events: Event[] = [];
  let arrived = Promise.withResolvers<void>();
  let rest = '';
  const request = httpRequest(url, { headers, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? '';
        if (field('event') === '') continue;
        events.push({ id: field('id'), type: field('event'), data: JSON.parse(field('data')) });
        arrived.resolve();
        arrived = Promise.withResolvers();
      }
    });
    response.on('error', () => {});
    resolve();
  });
  request.once('error', reject).end();
  await promise;
  return {
    /** The next of this kind. */
    async next(type: string): Promise<Event> {
      for (;;) {
        const index = events.findIndex((event) => event.type === type);
        if (index !== -1) return events.splice(0, index + 1).at(-1) as Event;
        await arrived.promise;
      }
    },
    close: () => request.destroy(),
  };
}
