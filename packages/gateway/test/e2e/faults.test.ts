import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ceilingCounts } from '../../src/ceilings.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { serveHttp } from '../fixtures/serve-http.ts';
import { connect, textOf } from './clients.ts';

const program = new URL('../fixtures/faulty-program.ts', import.meta.url).pathname;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-faults-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(mcpServers: Record<string, object>): Promise<Gateway & { url: string }> {
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: mcpServers as never,
  });
  return Object.assign(gateway, await gateway.listen());
}

const faulty = (...args: string[]) => ({ command: process.execPath, args: [program, ...args] });

const stateOf = (gateway: Gateway, name: string): string | undefined =>
  gateway.status().upstreams.find((upstream) => upstream.name === name)?.state;

type Client = Awaited<ReturnType<typeof connect>>;
const call = (client: Client, name: string, args = {}) => client.callTool({ name, arguments: args });
const codeOf = (result: { _meta?: unknown }): unknown =>
  (result._meta as Record<string, unknown>)?.['dev.lockgate/error'];

describe('a program that serves tools', () => {
  test('that is killed in the middle of a call costs that call, says so at once, and comes back by itself', async () => {
    await using gateway = await open({ faulty: faulty() });
    await using client = await connect(gateway.url, 'legacy');
    const told = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
    await client.listTools();
    const [killed, beside] = await Promise.all([call(client, 'die'), call(client, 'echo', { text: 'beside' })]);
    expect(killed).toMatchObject({ isError: true });
    expect(codeOf(killed)).toBe('GATEWAY_UPSTREAM_LOST');
    expect([textOf(beside), codeOf(beside)]).toSatisfy(
      ([text, code]) => text === 'beside' || code === 'GATEWAY_UPSTREAM_LOST',
    );
    await told.promise;
    await expect.poll(async () => textOf(await call(client, 'echo', { text: 'back' }))).toBe('back');
  });

  test('that closes its pipe and lives on is noticed', async () => {
    await using gateway = await open({ faulty: faulty() });
    await using client = await connect(gateway.url);
    expect(codeOf(await call(client, 'close-pipe'))).toBe('GATEWAY_UPSTREAM_LOST');
    await expect.poll(async () => textOf(await call(client, 'echo', { text: 'back' }))).toBe('back');
  });

  test('that floods its client delays nobody else', async () => {
    await using gateway = await open({ faulty: faulty(), calm: { ...faulty(), prefix: 'calm' } });
    await using client = await connect(`${gateway.url}/faulty`);
    await using other = await connect(`${gateway.url}/calm`);
    const flooded = call(client, 'flood');
    for (let i = 0; i < 20; i++) expect(textOf(await call(other, 'echo', { text: `${i}` }))).toBe(`${i}`);
    expect(textOf(await flooded)).toBe('flooded');
  });

  test('that answers garbage between its answers is understood where it makes sense', async () => {
    await using gateway = await open({ faulty: faulty('garbage-at-start') });
    await using client = await connect(gateway.url);
    expect(textOf(await call(client, 'garbage'))).toBe('after garbage');
    expect(stateOf(gateway, 'faulty')).toBe('running');
  });

  test('that grows its tool list has the new tool at once', async () => {
    await using gateway = await open({ faulty: faulty() });
    await using client = await connect(gateway.url, 'legacy');
    const grown = Promise.withResolvers<void>();
    // The start of the program is news as well.
    client.setNotificationHandler('notifications/tools/list_changed', async () => {
      const { tools } = await client.listTools();
      if (tools.some(({ name }) => name === 'grown')) grown.resolve();
    });
    await expect(call(client, 'grown')).rejects.toThrow('Unknown tool');
    await call(client, 'grow');
    await grown.promise;
    expect(textOf(await call(client, 'grown'))).toBe('I am new');
  });

  test.each(['hangs-at-start', 'dies-at-start', 'hangs-at-list'])(
    'that %s keeps neither the gateway nor its neighbours',
    async (how) => {
      await using gateway = await open({ bad: { ...faulty(how), connectTimeoutMs: 1_500 }, good: faulty() });
      await using client = await connect(`${gateway.url}/good`);
      expect(textOf(await call(client, 'echo', { text: 'hello' }))).toBe('hello');
      await using all = await connect(gateway.url);
      expect((await all.listTools()).tools.map(({ name }) => name)).toContain('echo');
      await expect.poll(() => stateOf(gateway, 'bad')).toBe('restarting');
    },
  );

  test('is asked again after it died where its tool only reads, and not where it may have written', async () => {
    await using gateway = await open({
      reading: faulty('', join(folder, 'a')),
      writing: { ...faulty('', join(folder, 'b')), prefix: 'writing' },
    });
    await using reading = await connect(`${gateway.url}/reading`);
    await using writing = await connect(`${gateway.url}/writing`);
    expect(textOf(await call(reading, 'die-once-reading'))).toBe('alive');
    expect(codeOf(await call(writing, 'die-once'))).toBe('GATEWAY_UPSTREAM_LOST');
  });

  test.each([
    ['lines that begin as no message', ['-c', 'yes']],
    ['lines that begin as messages', ['-c', "yes '{'"]],
    ['empty lines', ['-c', "yes ''"]],
  ])('that floods its stdout with %s is ended, and says why', async (_, args) => {
    const reached = ceilingCounts.get('stray-lines') ?? 0;
    await using gateway = await open({ noisy: { command: '/bin/sh', args }, faulty: faulty() } as never);
    await using client = await connect(`${gateway.url}/faulty`);
    const noisy = () => gateway.status().upstreams.find(({ name }) => name === 'noisy');
    await expect.poll(() => JSON.stringify(noisy())).toMatch(/restarting.*writes to stdout what is no message/);
    expect(ceilingCounts.get('stray-lines')).toBeGreaterThan(reached);
    expect(textOf(await call(client, 'echo', { text: 'served' }))).toBe('served');
  });

  test('that begins to flood its stdout in a call loses that call, and comes back by itself', async () => {
    await using gateway = await open({ faulty: faulty() });
    await using client = await connect(gateway.url, 'legacy');
    const lost = await call(client, 'babble');
    expect(codeOf(lost)).toBe('GATEWAY_UPSTREAM_LOST');
    expect(textOf(lost)).toContain('writes to stdout what is no message');
    await expect.poll(async () => textOf(await call(client, 'echo', { text: 'back' }))).toBe('back');
  });

  test('that hangs meets the deadline, and after some time the breaker', async () => {
    const limits = { callTimeoutMs: 300, breaker: { failures: 2, coolDownMs: 60_000 } };
    await using gateway = await open({ faulty: { ...faulty(), ...limits } });
    await using client = await connect(gateway.url);
    const codes = [];
    for (let i = 0; i < 3; i++) codes.push(codeOf(await call(client, 'hang')));
    expect(codes).toEqual(['GATEWAY_DEADLINE', 'GATEWAY_DEADLINE', 'GATEWAY_BREAKER_OPEN']);
  });
});

describe.each([{ only2025: true }, { only2025: false }])('a server over HTTP (%o)', (era) => {
  const waiting = new Set<() => void>();
  const make = (): Server => {
    const server = new Server({ name: 'remote', version: '1' }, { capabilities: { tools: {} } });
    server.fallbackRequestHandler = async ({ method, params }) => {
      if (method === 'tools/list')
        return { tools: ['echo', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' } })) };
      if (params?.name === 'wait') {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
      }
      return { content: [{ type: 'text', text: 'answered' }] };
    };
    return server;
  };

  test('that is cut in the middle of a call costs that call and no time, and is back when it is', async () => {
    const served = await serveHttp(make, era);
    const port = Number(new URL(served.url).port);
    await using gateway = await open({ remote: { url: served.url, callTimeoutMs: 600_000 } });
    await using client = await connect(gateway.url);
    const cut = call(client, 'wait');
    await expect.poll(() => waiting.size).toBeGreaterThan(0);
    await served.close();
    expect(codeOf(await cut)).toBe('GATEWAY_UPSTREAM_LOST');
    expect(codeOf(await call(client, 'echo'))).toMatch(/^GATEWAY_UPSTREAM_/);
    await using again = await serveHttp(make, { ...era, port });
    expect(again.url).toBe(served.url);
    await expect.poll(async () => textOf(await call(client, 'echo'))).toBe('answered');
    for (const release of waiting) release();
    waiting.clear();
  });

  test('that was restarted between two calls is connected to again without the client noticing', async () => {
    const served = await serveHttp(make, era);
    const port = Number(new URL(served.url).port);
    await using gateway = await open({ remote: { url: served.url } });
    await using client = await connect(gateway.url);
    expect(textOf(await call(client, 'echo'))).toBe('answered');
    const closed = served.close();
    await using _again = await serveHttp(make, { ...era, port });
    await closed;
    await expect.poll(async () => textOf(await call(client, 'echo'))).toBe('answered');
  });
});
