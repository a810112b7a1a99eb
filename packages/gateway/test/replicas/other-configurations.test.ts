import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createRedactor } from '../../src/config/secrets.ts';
import { type SectionDigests, sectionDigests } from '../../src/config/section-digests.ts';
import { OtherConfigurations } from '../../src/replicas/other-configurations.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BEAT_MS = 2_000;

async function open(digests: readonly SectionDigests[]) {
  const logged: object[] = [];
  const logger = { debug() {}, info() {}, warn: (facts: object) => void logged.push(facts), error() {} };
  const store = createMemoryStore({ now: () => performance.now(), logger });
  const shared = { ...wrapped(store, async () => {}), isShared: true };
  const gateways = digests.map((own) => {
    const state = { own };
    const replicas = new Replicas({ store: shared, logger });
    const others = new OtherConfigurations({
      replicas,
      digests: () => state.own,
      logger,
      now: () => performance.now(),
    });
    return { state, replicas, others };
  });
  for (const { replicas } of gateways) await replicas.join();
  return { gateways, logged };
}

test('gateways that share a store and differ are named to each other once, with the sections, after a minute', async () => {
  const { gateways, logged } = await open([
    { limits: 'a', mcpServers: 'x', 'gateway.auth': 'k' },
    { limits: 'b', mcpServers: 'x' },
    { limits: 'a', mcpServers: 'x', 'gateway.auth': 'k' },
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(logged).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  // Each of the two kinds says it of the other; what one of them has alone says nothing.
  expect(logged).toEqual(Array(3).fill({ gateway: expect.stringContaining('process'), sections: ['limits'] }));
  expect(gateways.map(({ others }) => others.list.length)).toEqual([1, 2, 1]);

  const [, second] = gateways;
  await second?.replicas.close();
  await vi.advanceTimersByTimeAsync(5 * BEAT_MS);
  expect(gateways.map(({ others }) => others.list.length)).toEqual([0, expect.any(Number), 0]);
  for (const { replicas } of gateways) await replicas.close();
});

test('a change that comes to one gateway after the other is no difference', async () => {
  const { gateways, logged } = await open([{ limits: 'a' }, { limits: 'a' }]);
  await vi.advanceTimersByTimeAsync(2 * BEAT_MS);
  for (const { state } of gateways) {
    state.own = { limits: 'b' };
    await vi.advanceTimersByTimeAsync(40_000);
  }
  await vi.advanceTimersByTimeAsync(120_000);
  expect([logged, gateways.map(({ others }) => others.list.length)]).toEqual([[], [0, 0]]);
  for (const { replicas } of gateways) await replicas.close();
});

test('digests know neither secrets nor folders nor the order of keys, and no more than what clients could see', async () => {
  const SECRET = 'a-secret-token-of-somebody';
  const of = (config: object, secret = SECRET) => sectionDigests(parseConfig(config), createRedactor([secret]));
  const server = { url: 'https://a.example/mcp', headers: { 'X-Token': SECRET } };
  const base = of({
    gateway: { listen: '127.0.0.1:1' },
    mcpServers: { a: server },
    plugins: { p: { path: '/a/p.wasm' } },
  });
  const other = of(
    {
      gateway: { listen: '127.0.0.1:2', logLevel: 'debug' },
      mcpServers: { a: { headers: { 'X-Token': 'another-secret-token' }, url: server.url } },
      plugins: { p: { path: '/b/c/p.wasm' } },
    },
    'another-secret-token',
  );
  expect(other).toEqual(base);
  const changed = of({
    gateway: { mode: 'routed' },
    mcpServers: { a: { ...server, url: 'https://b.example/mcp' } },
    plugins: { p: { path: '/a/q.wasm' } },
  });
  expect(Object.keys(base).filter((place) => base[place] !== changed[place])).toEqual([
    'plugins',
    'mcpServers',
    'gateway.mode',
  ]);
  expect(JSON.stringify(base)).not.toContain('example');
});
