import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCutProxy } from './cut-proxy.ts';
import { keepScore } from './keep-score.ts';
import { NAME, type RealClient, textOf } from './real-client.ts';
import { firstHttpSdk, lastSdk, openSdkOne } from './sdk-one.ts';
import { openSdkTwo, SDK_TWO } from './sdk-two.ts';
import { type Addresses, openServedGateway, type ServedGateway } from './served-gateway.ts';

type Open = (addresses: Addresses, onAsked?: (method: string) => Promise<void>) => Promise<RealClient>;

const SUBJECTS: readonly { readonly client: string; readonly open: Open }[] = [
  { client: 'SDK 1.10.0', open: async (...to) => openSdkOne(await firstHttpSdk(), 'streamable HTTP', ...to) },
  { client: 'SDK 1.32.2', open: async (...to) => openSdkOne(await lastSdk(), 'streamable HTTP', ...to) },
  { client: `SDK ${SDK_TWO}`, open: (...to) => openSdkTwo('legacy', 'streamable HTTP', ...to) },
];

keepScore();

let served: ServedGateway;

beforeAll(async () => {
  served = await openServedGateway('legacy');
});

afterAll(() => served[Symbol.asyncDispose]());

describe.each(SUBJECTS)('TypeScript $client over streamable HTTP', ({ open }) => {
  test('is told that its session has ended, and begins another', async () => {
    const { http } = served.addresses;
    await using client = await open(served.addresses);
    const headers = { 'mcp-session-id': client.sessionId() ?? '' };
    expect((await fetch(http, { method: 'DELETE', headers })).status).toBe(200);
    await expect(client.call('fixture__test_simple_text')).rejects.toThrow('Session not found');
    await using next = await open(served.addresses);
    expect(next.sessionId()).not.toBe(client.sessionId());
    expect(textOf(await next.call('fixture__test_simple_text'))).toContain('simple text');
  });

  test('hears after its stream broke what has happened meanwhile', async () => {
    await using proxy = await openCutProxy(served.addresses.http);
    await using other = await open(served.addresses);
    await using client = await open({ ...served.addresses, http: proxy.url });
    let changes = 0;
    client.hear('notifications/tools/list_changed', () => changes++);
    await other.call('fixture__test_trigger_tool_change');
    await expect.poll(() => changes).toBe(1);
    void proxy.cut();
    await other.call('fixture__test_trigger_tool_change');
    await expect.poll(() => changes).toBe(2);
  });

  test('gets the answer to its call though the stream broke on the way', async () => {
    await using proxy = await openCutProxy(served.addresses.http);
    // The server asks for roots as well, whenever it likes: cut at each question, answers would be lost on their way.
    const onAsked = async (method: string): Promise<void> => {
      if (method === 'sampling/createMessage') await proxy.cut();
    };
    await using client = await open({ ...served.addresses, http: proxy.url }, onAsked);
    expect(textOf(await client.call('fixture__test_sampling', { prompt: 'hi' }))).toContain(NAME);
    expect(client.asked.filter((method) => method === 'sampling/createMessage')).toHaveLength(1);
  });
});

test('mcp-remote falls back to the oldest transport where it is given that address', async () => {
  const bridge = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js');
  const { sse, stdio } = served.addresses;
  const program = { ...stdio, args: [bridge, sse, '--transport', 'http-first'] };
  await using client = await openSdkOne(await lastSdk(), 'stdio', { ...served.addresses, stdio: program });
  expect(textOf(await client.call('fixture__test_simple_text'))).toContain('simple text');
});

describe('a client that goes away in the middle of a call', () => {
  test.each([
    ['SDK 1.32.2 over HTTP+SSE', async () => openSdkOne(await lastSdk(), 'HTTP+SSE', served.addresses)],
    ['SDK 1.32.2 over stdio', async () => openSdkOne(await lastSdk(), 'stdio', served.addresses)],
    [`SDK ${SDK_TWO} over streamable HTTP`, () => openSdkTwo('modern', 'streamable HTTP', served.addresses)],
    [`SDK ${SDK_TWO} over stdio`, () => openSdkTwo('modern', 'stdio', served.addresses)],
  ])('%s leaves nothing running', async (_, open) => {
    await using watching = await openSdkOne(await lastSdk(), 'streamable HTTP', served.addresses);
    const waiting = async (): Promise<string> => textOf(await watching.call('fixture__count_waiting'));
    expect(await waiting()).toBe('0');
    const before = served.gateway.status().sessions;
    const client = await open();
    const call = client.call('fixture__wait_until_cancelled').catch(() => {});
    await expect.poll(waiting).toBe('1');
    await client[Symbol.asyncDispose]();
    await expect.poll(waiting).toBe('0');
    await call;
    await expect.poll(() => served.gateway.status().sessions).toBe(before);
  });
});
