import { createHash } from 'node:crypto';
import { backendGuard, echoGuest, type GuardGuestOptions, guardGuest } from '@lockgate/testkit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { silentLogger } from '../../src/logger.ts';
import { serveData } from './data-server.ts';
import { call, moduleFiles, servedGateway } from './guarded-files.ts';

// The table "Where existing gateways fail open" of the specification, a test each, through HTTP with real guests.
// Its first row (a guard that is missing, fails to load or times out) is guard-faults.test.ts.

const SECRET = { secrecy: ['private'], integrity: [] };
const OPEN = { secrecy: [], integrity: [] };
const reading = (labels: object) => ({ resource: { description: '', ...labels }, operation: 'read' });

/** A data server behind a guard with the given answers, and an unguarded one beside it. */
async function guardedData(
  answers: GuardGuestOptions['answers'] & {},
  more: { guard?: Uint8Array; gateway?: object } = {},
) {
  await using opening = new AsyncDisposableStack();
  const data = opening.use(await serveData());
  const files = moduleFiles({ guard: more.guard ?? guardGuest({ answers }) });
  const config: LockgateFile = {
    gateway: { listen: '127.0.0.1:0', ...more.gateway },
    guards: { labels: { path: files.guard } },
    mcpServers: { data: { url: data.url, guard: 'labels' }, web: { url: data.url } },
  };
  const served = opening.use(await servedGateway(config));
  const owned = opening.move();
  return { data, served, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const agent = (mode: string, labels: object = OPEN) => ({ agent: labels, difc_mode: mode });

test('a read that fails the coarse check and gets no finer labels is withheld', async () => {
  for (const mode of ['strict', 'filter']) {
    await using it = await guardedData({ label_agent: agent(mode), label_resource: reading(SECRET) });
    expect(await call(await it.served.connect(), 'data__give', { data: 'DATA' })).toMatch(
      /^ERROR Denied.*lacks secrecy: private/,
    );
  }
});

test('items that no path labels and no default covers inherit the resource’s labels', async () => {
  const labels = { items_path: '/items', labeled_paths: [{ path: '/items/1', labels: OPEN }] };
  await using it = await guardedData({
    label_agent: agent('filter'),
    label_resource: reading(SECRET),
    label_response: labels,
  });
  const answer = await call(await it.served.connect(), 'data__give', {
    data: '{"total":2,"items":["HIDDEN","shown"]}',
  });
  expect(answer).toMatch(/^\{"total":2,"items":\["shown"\]\}\n\[Filtered\] 1 of 2/);
});

test('an item without labels in the older format inherits them too', async () => {
  const labels = { items: [{ data: 'HIDDEN' }, { data: 'shown', labels: OPEN }] };
  await using it = await guardedData({
    label_agent: agent('filter'),
    label_resource: reading(SECRET),
    label_response: labels,
  });
  const answer = await call(await it.served.connect(), 'data__give', { data: '["HIDDEN","shown"]' });
  expect(answer).toMatch(/^\["shown"\]\n\[Filtered\]/);
});

test('the integrity of a collection is what all its items share', async () => {
  const item = (index: number, integrity: string[]) => ({ path: `/${index}`, labels: { secrecy: [], integrity } });
  const labels = { items_path: '', labeled_paths: [item(0, ['reviewed']), item(1, [])] };
  const writing = { resource: { description: '', secrecy: [], integrity: ['reviewed'] }, operation: 'write' };
  const guard = guardGuest({
    answers: {
      label_agent: agent('propagate', { secrecy: [], integrity: ['reviewed'] }),
      label_resource: reading(OPEN),
      label_response: labels,
    },
    rules: { label_resource: [{ contains: '"tool_name":"send"', answer: writing }] },
  });
  await using it = await guardedData({}, { guard });
  const client = await it.served.connect();
  expect(await call(client, 'data__send', { data: 'one' })).toBe('sent');
  expect(await call(client, 'data__give', { data: '["vetted","unknown"]' })).toBe('["vetted","unknown"]');
  expect(await call(client, 'data__send', { data: 'two' })).toMatch(/^ERROR Denied: .*lacks integrity.*reviewed/);
  expect(it.data.sent).toEqual(['one']);
});

test('a client’s cancel while the guard works ends the call, and the guard stays in service', async () => {
  const guard = backendGuard({ answers: { label_agent: agent('strict'), label_resource: reading(OPEN) } });
  await using it = await guardedData({}, { guard });
  const client = await it.served.connect();
  const abort = new AbortController();
  const cancelled = client.callTool({ name: 'data__give', arguments: { data: 'x' } }, { signal: abort.signal });
  await it.data.gate.reached;
  abort.abort(new Error('changed my mind'));
  await expect(cancelled).rejects.toThrow();
  it.data.gate.open();
  expect(await call(client, 'data__give', { data: 'served' })).toBe('served');
});

describe('two clients that share an API key', () => {
  test('do not share labels, and labels are gone with their session', async () => {
    const key = 'k'.repeat(40);
    const auth = { apiKeys: [{ name: 'shared', hash: `sha256:${createHash('sha256').update(key).digest('hex')}` }] };
    await using it = await guardedData(
      { label_agent: agent('propagate'), label_resource: reading(SECRET) },
      { gateway: { auth } },
    );
    const connect = async () => {
      const client = new Client({ name: 'test', version: '1.0.0' });
      const requestInit = { headers: { authorization: `Bearer ${key}` } };
      const transport = new StreamableHTTPClientTransport(new URL(it.served.url), { requestInit });
      await client.connect(transport);
      return { client, transport };
    };
    const one = await connect();
    const two = await connect();
    expect(await call(one.client, 'data__give', { data: 'DATA' })).toBe('DATA');
    expect(await call(one.client, 'web__send', { data: 'out' })).toMatch(/^ERROR Denied.*private/);
    expect(await call(two.client, 'web__send', { data: 'mine' })).toBe('sent');
    await one.transport.terminateSession();
    await one.client.close();
    const again = await connect();
    expect(await call(again.client, 'web__send', { data: 'new' })).toBe('sent');
    await Promise.all([two.client.close(), again.client.close()]);
  });
});

test('nobody sees labels without being asked who they are, and nobody at all over HTTP', async () => {
  const tagged = { secrecy: ['a-tag-of-mine'], integrity: [] };
  await using it = await guardedData({ label_agent: agent('propagate', tagged), label_resource: reading(tagged) });
  await call(await it.served.connect(), 'data__give', { data: 'DATA' });
  for (const path of ['/', '/reflect', '/labels', '/health/live', '/health/ready', '/metrics']) {
    const answer = await fetch(new URL(path, it.served.url));
    expect(await answer.text(), path).not.toContain('a-tag-of-mine');
  }
});

test('a slow label call of one session does not hold up another', async () => {
  const guard = backendGuard({ answers: { label_agent: agent('strict'), label_resource: reading(OPEN) } });
  await using it = await guardedData({}, { guard });
  const clients = await Promise.all([it.served.connect(), it.served.connect()]);
  let reads = 0;
  const bothAsking = new Promise<void>((resolve) => it.data.onRead(() => ++reads === 2 && resolve()));
  const answers = Promise.all(clients.map((client) => call(client, 'data__give', { data: 'served' })));
  await bothAsking;
  it.data.gate.open();
  expect(await answers).toEqual(['served', 'served']);
});

test('a call that a guard may not make fails for it, and the log has the reason once', async () => {
  const files = moduleFiles({ guard: backendGuard({ times: 2 }), echo: echoGuest() });
  const warnings: object[] = [];
  const logger = { ...silentLogger, warn: (facts: object) => void warnings.push(facts) };
  const config: LockgateFile = {
    gateway: { listen: '127.0.0.1:0' },
    guards: { labels: { path: files.guard } },
    plugins: { echo: { path: files.echo, isolation: 'inline', guard: 'labels' } },
  };
  await using served = await servedGateway(config, { logger });
  const client = await served.connect();
  for (const message of ['one', 'two']) expect(await call(client, 'echo__echo', { message })).toBe(message);
  const refusals = warnings.filter((facts) => 'tool' in facts);
  expect(refusals).toEqual([{ guard: 'labels', server: 'echo', tool: 'read', reason: 'The server has no such tool.' }]);
});
