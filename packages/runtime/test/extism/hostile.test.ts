import { flow, i32 } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Fetch, Isolation, Lookup } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { extismModule } from './extism-kit.ts';
import { type HostileCase, MEMORY_CASES, OUTCOME_CASES, type Outcome } from './hostile-bodies.ts';
import { GRANTED, HTTP_CASES, STATE_CASES } from './hostile-host-calls.ts';

const CASES: readonly HostileCase[] = [...MEMORY_CASES, ...OUTCOME_CASES, ...STATE_CASES, ...HTTP_CASES];
const REDIRECTS: Readonly<Record<string, string>> = {
  'moves.test': 'http://10.0.0.1/',
  'strays.test': 'http://other.test/',
};
const exports = { act: { input: 'text' }, alive: { input: 'text' } } as const;

const fetch: Fetch = async (url) => {
  const location = REDIRECTS[new URL(url).hostname];
  return location === undefined ? new Response('open') : new Response(null, { status: 302, headers: { location } });
};
const lookup: Lookup = async (name) => [
  { address: name === 'inner.test' ? '192.168.0.1' : '93.184.216.34', family: 4 },
];

describe.each<Isolation>(['inline', 'worker'])('a hostile plug-in for Extism %s', (isolation) => {
  test.each(CASES)('that $title does no harm, and the next call works', async ({ body, outcome, input = '' }) => {
    const bytes = extismModule({ act: body, alive: (kit) => [kit.say('alive'), i32.const(0)] });
    const limits = { maxMessageBytes: 100_000, maxHostCallsPerCall: 100, maxLogLinesPerCall: 100 };
    const options = { ...limits, isolation, exports, settings: { empty: '' }, http: { allow: GRANTED } };
    await using opened = await openPlugin(bytes, options, { fetch, lookup });
    const { plugin } = opened;
    const found = await plugin.execute('act', { input }).then(
      ({ data, isError }): Outcome => (isError ? { failure: data } : { data }),
      (error: { code: string }): Outcome => ({ code: error.code }),
    );
    expect(found).toEqual(outcome);
    expect(await plugin.execute('alive', { input })).toEqual({ data: 'alive', isError: false });
    // 400 KiB for the arena, and the guest's own two pages.
    expect((await plugin.stats()).memoryBytes).toBeLessThanOrEqual(400_000 + 2 * 65_536);
  });

  test('is not told to want more memory for what passes through the memory of Extism', async () => {
    const bytes = extismModule({ act: () => [flow.trap('i32')] });
    const exports = { act: { input: 'text' } } as const;
    const options = { isolation, exports, maxMessageBytes: 100_000, memoryCeilingBytes: 4 * 65_536 };
    await using opened = await openPlugin(bytes, options);
    const told = await opened.plugin.execute('act', { input: 'x'.repeat(99_000) }).catch(({ message }) => message);
    expect(told).toMatch(/trapped in "act": .*unreachable/);
    expect(told).not.toContain('memoryCeilingBytes');
  });

  test('is told by the name of the function that trapped, or ran too long', async () => {
    const bytes = extismModule({ act: () => [flow.trap('i32')], spin: () => [flow.forever([]), flow.trap('i32')] });
    const exports = { first: { export: 'act', input: 'text' }, second: { export: 'spin', input: 'text' } } as const;
    await using opened = await openPlugin(bytes, { isolation, exports, callTimeoutMs: 100 });
    await expect(opened.plugin.execute('first', { input: '' })).rejects.toThrow('trapped in "act"');
    // Inline, what computes for ever cannot be stopped.
    if (isolation === 'inline') return;
    await expect(opened.plugin.execute('second', { input: '' })).rejects.toThrow('"spin" of module');
  });
});
