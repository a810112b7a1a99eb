import {
  chattyGuest,
  endlessGuest,
  exitingGuest,
  greedyGuest,
  hammeringGuest,
  invalidJsonGuest,
  invalidUtf8Guest,
  lyingSpanGuest,
  nullMallocGuest,
  type PluginExport,
  recursingGuest,
  trappingGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Plugin } from '../src/index.ts';
import { type OpenPlugin, openPlugin } from './open-plugin.ts';

const MIB = 1024 * 1024;
const misbehave = (plugin: Plugin): Promise<unknown> => plugin.execute('misbehave', { message: 'x' });
const fails = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'no error',
    (error: unknown) => error,
  );

function open(bytes: Uint8Array, callTimeoutMs = 15_000): Promise<OpenPlugin> {
  const limits = {
    callTimeoutMs,
    memoryCeilingBytes: 32 * MIB,
    maxHostCallsPerCall: 100,
    maxLogLinesPerCall: 100,
  };
  return openPlugin(bytes, { ...limits, isolation: 'worker' });
}

/** The host is fine when the next call of the same plugin is answered. */
async function expectNextCallWorks({ plugin }: OpenPlugin): Promise<void> {
  await expect(plugin.execute('echo', { message: 'next' })).resolves.toEqual({ data: 'next', isError: false });
}

describe('a hostile guest in a worker', () => {
  test.each([
    ['recurses for ever', recursingGuest(), 'RUNTIME_GUEST_TRAP'],
    ['traps', trappingGuest(), 'RUNTIME_GUEST_TRAP'],
    ['leaves with exit code 3', exitingGuest({ exitCode: 3 }), 'RUNTIME_GUEST_TRAP'],
    ['leaves with exit code 0', exitingGuest({ exitCode: 0 }), 'RUNTIME_BAD_MESSAGE'],
    ['answers with a span outside memory', lyingSpanGuest({ lie: 'outside' }), 'RUNTIME_BAD_MESSAGE'],
    ['answers with a span of 4 GiB - 1', lyingSpanGuest({ lie: 'four-gib' }), 'RUNTIME_BAD_MESSAGE'],
    ['calls the host a million times', hammeringGuest(), 'RUNTIME_GUEST_TRAP'],
  ])('that %s ends that call with its own error, and the next call works', async (_what, bytes, code) => {
    await using opened = await open(bytes);
    await expect(misbehave(opened.plugin)).rejects.toMatchObject({ code });
    await expectNextCallWorks(opened);
  });

  test('that loops for ever is stopped for real, and the next call works', async () => {
    await using opened = await open(endlessGuest(), 500);
    await expect(misbehave(opened.plugin)).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
    await expectNextCallWorks(opened);
    await expect(opened.plugin.stats()).resolves.toMatchObject({ timeouts: 1, recycled: 1, instances: 1 });
  });

  test('that answers with its own input is read like any other', async () => {
    await using opened = await open(lyingSpanGuest({ lie: 'overlapping' }));
    await expect(misbehave(opened.plugin)).resolves.toEqual({
      data: JSON.stringify({ tool_name: 'misbehave', args: { message: 'x' } }),
      isError: false,
    });
    await expectNextCallWorks(opened);
  });

  test('that answers with broken UTF-8 is read with replacement characters', async () => {
    await using opened = await open(invalidUtf8Guest());
    await expect(misbehave(opened.plugin)).resolves.toEqual({ data: '\ufffd\ufffd\ufffd(', isError: false });
    await expectNextCallWorks(opened);
  });

  test.each<['metadata' | 'tools' | 'compact_specs', (plugin: Plugin) => Promise<unknown>]>([
    ['metadata', (plugin) => plugin.metadata()],
    ['tools', (plugin) => plugin.tools()],
    ['compact_specs', (plugin) => plugin.compactSpecs()],
  ])('that answers "%s" with no JSON is refused', async (field, act) => {
    await using opened = await open(invalidJsonGuest({ in: field }));
    await expect(act(opened.plugin)).rejects.toMatchObject({
      code: 'RUNTIME_BAD_MESSAGE',
      facts: { exportName: field, problem: 'ABI_BAD_MESSAGE' },
    });
    await expectNextCallWorks(opened);
  });

  test('that has no room for its input says so', async () => {
    await using opened = await open(nullMallocGuest({ fromBytes: 1_000 }));
    await expect(opened.plugin.execute('echo', { message: 'x'.repeat(1_000) })).rejects.toMatchObject({
      code: 'ABI_OUT_OF_MEMORY',
    });
    await expectNextCallWorks(opened);
  });

  test('that grows without end is stopped at its ceiling, where it sees an ordinary refusal', async () => {
    await using opened = await open(greedyGuest());
    await expect(misbehave(opened.plugin)).resolves.toEqual({ data: 'x', isError: false });
    await expect(opened.plugin.execute('memory-pages', { message: '' })).resolves.toMatchObject({
      data: expect.stringMatching(/^\d+$/),
    });
    const { memoryBytes } = await opened.plugin.stats();
    expect(memoryBytes).toBeGreaterThan(30 * MIB);
    expect(memoryBytes).toBeLessThanOrEqual(32 * MIB);
    await expectNextCallWorks(opened);
  });

  test('that grows without end, again and again, does not make the host grow', async () => {
    const before = process.memoryUsage.rss();
    for (let round = 0; round < 10; round += 1) {
      await using opened = await open(greedyGuest());
      await misbehave(opened.plugin);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(5 * 32 * MIB);
  });

  test('that logs a million lines is heard for the first hundred of them', async () => {
    await using opened = await open(chattyGuest());
    await expect(misbehave(opened.plugin)).resolves.toMatchObject({ isError: false });
    expect(opened.lines).toHaveLength(101);
    // "enter" and "leave" are lines too.
    expect(opened.lines.at(-1)).toBe(`${1_000_002 - 100} more log lines of this call were dropped`);
    await expectNextCallWorks(opened);
  });

  test.each<[PluginExport, (plugin: Plugin) => Promise<unknown>]>([
    ['name', (plugin) => plugin.name()],
    ['metadata', (plugin) => plugin.metadata()],
    ['tools', (plugin) => plugin.tools()],
    ['configure', (plugin) => plugin.configure({ key: 'value' })],
    ['execute', (plugin) => plugin.execute('echo', { message: 'x' })],
    ['compact_specs', (plugin) => plugin.compactSpecs()],
    ['malloc', (plugin) => plugin.execute('echo', { message: 'x' })],
  ])('that traps in "%s" fails every such call and stays healthy', async (place, act) => {
    await using opened = await open(trappingGuest({ in: place }));
    const exportName = place === 'malloc' ? 'execute' : place;
    for (let round = 0; round < 2; round += 1) {
      const error = await fails(act(opened.plugin));
      expect(error).toMatchObject({ code: 'RUNTIME_GUEST_TRAP', facts: { exportName }, cause: expect.any(Error) });
      expect((error as { cause: Error }).cause.stack).toMatch(/wasm/);
      expect(opened.warnings.at(-1)).toMatchObject({ fields: { err: { stack: expect.stringMatching(/wasm:/) } } });
    }
    await expect(opened.plugin.healthy()).resolves.toBe(true);
  });

  test('that traps in "healthy" is not healthy', async () => {
    await using opened = await open(trappingGuest({ in: 'healthy' }));
    await expect(opened.plugin.healthy()).resolves.toBe(false);
    await expectNextCallWorks(opened);
  });

  test('that traps in its start-up is not loaded', async () => {
    await expect(open(trappingGuest({ in: '_initialize' }))).rejects.toMatchObject({
      code: 'RUNTIME_GUEST_TRAP',
      facts: { exportName: 'start-up' },
    });
  });

  test('that loops for ever in its start-up is not loaded', async () => {
    await expect(open(endlessGuest({ in: '_initialize' }), 100)).rejects.toMatchObject({
      code: 'RUNTIME_CALL_TIMEOUT',
      facts: { exportName: 'start-up', callTimeoutMs: 100 },
    });
  });

  test.each([
    ['loops for ever', endlessGuest, 500],
    ['takes all memory', greedyGuest, undefined],
    ['logs without end', chattyGuest, undefined],
  ] as const)('that %s lets the event loop of the host turn meanwhile', async (_, makeGuest, callTimeoutMs) => {
    await using opened = await open(makeGuest(), callTimeoutMs);
    let isOver = false;
    const misbehaved = misbehave(opened.plugin)
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
    let turns = 0;
    for (; !isOver; turns++) await new Promise(setImmediate);
    await misbehaved;
    expect(turns).toBeGreaterThan(20);
  });
});

describe('the memory ceiling', () => {
  test('refuses a module that starts above it, with both numbers', async () => {
    await expect(
      openPlugin(greedyGuest({ minPages: 100 }), { isolation: 'inline', memoryCeilingBytes: 99 * 65_536 }),
    ).rejects.toMatchObject({
      code: 'RUNTIME_MEMORY_CEILING',
      message: expect.stringMatching(/6553600.*6488064/),
      facts: { initialBytes: 6_553_600, ceilingBytes: 6_488_064 },
    });
  });
});
