import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { CallLimits, type Place } from '../../src/limits/call-limits.ts';
import type { CountedCall } from '../../src/limits/counted-call.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

const NOON = Date.UTC(2026, 10, 26, 12);
const call = (more: Partial<CountedCall> = {}): CountedCall => {
  return { principal: 'me', server: 'git', tool: 'get', isToolCall: true, ...more };
};

const monotonicNow = () => performance.now();

/** The store of one process, or one that says of itself that others share it. */
function storeOf(isShared: boolean): StateStore {
  return { ...wrapped(createMemoryStore({ now: monotonicNow }), async () => {}), isShared };
}

function limitsOf(limits: LockgateFile['limits'], now: () => number = Date.now, isShared = false): CallLimits {
  const store = storeOf(isShared);
  return new CallLimits({ store, now, monotonicNow }, configSchema.parse({ limits }).limits);
}

const takenOf = async (limits: CallLimits, more: Partial<CountedCall> = {}): Promise<Place> => limits.take(call(more));

/** `yes`, or in how many seconds. */
const asked = (limits: CallLimits, more: Partial<CountedCall> = {}): Promise<unknown> =>
  takenOf(limits, more).then(
    () => 'yes',
    (error) => error.facts?.retryAfterSeconds ?? String(error),
  );

beforeEach(() => void vi.useFakeTimers({ now: NOON, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const COUNTED = [
  ['minute', false],
  ['minute', true],
  ['day', false],
  ['day', true],
] as const;

test.each(COUNTED)(
  'of calls at the same moment no more pass than a %s allows (in a shared store: %s)',
  async (per, isShared) => {
    const limits = limitsOf(
      {
        one: { calls: 10, per },
        two: { calls: 7, per, by: [] },
        three: { calls: 100, per: 'hour' },
      },
      Date.now,
      isShared,
    );
    const all = await Promise.all(Array.from({ length: 500 }, () => asked(limits)));
    expect(all.filter((answer) => answer === 'yes')).toHaveLength(7);
    // What the refused ones had of the first limit is given back.
    limits.replace(configSchema.parse({ limits: { one: { calls: 10, per } } }).limits);
    expect(await Promise.all(Array.from({ length: 5 }, () => asked(limits)))).toEqual(
      expect.arrayContaining(['yes', 'yes', 'yes', expect.any(Number), expect.any(Number)]),
    );
  },
);

test.each(COUNTED)(
  'whatever is taken and given back, a %s counts what is held (in a shared store: %s)',
  async (per, isShared) => {
    const steps = fc.array(fc.constantFrom('take', 'give'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const limits = limitsOf({ one: { calls: 3, per } }, Date.now, isShared);
        const held: { giveBack(): Promise<void> }[] = [];
        for (const step of all) {
          if (step === 'give') await held.pop()?.giveBack();
          else {
            const place = await takenOf(limits).catch(() => undefined);
            expect(place !== undefined).toBe(held.length < 3);
            if (place) held.push(place);
          }
        }
      }),
      { numRuns: 100 },
    );
  },
);

test('in a shared store a rate begins with its first call and is over at its end, and a clock that is put back makes no wait longer than the period', async () => {
  let now = NOON;
  const store = storeOf(true);
  const { limits: entries } = configSchema.parse({ limits: { one: { calls: 1, per: 'minute' } } });
  const [here, there] = [1, 2].map(() => new CallLimits({ store, now: () => now, monotonicNow }, entries));
  if (!here || !there) throw new Error('there are two');
  expect(await asked(here)).toBe('yes');
  now += 20_000;
  expect(await asked(there)).toBe(40);
  now -= 3_600_000;
  expect(await asked(there)).toBe(60);
  now += 3_600_000 + 40_000;
  expect(await asked(there)).toBe('yes');
  expect(await asked(here)).toBe(60);
});

test('whoever differs in what a limit counts by has a count of its own, whatever the names', async () => {
  const name = fc.oneof(fc.constantFrom('a', 'a","b', '["a"', '', 'null', '__proto__'), fc.string());
  const one = fc.record({ principal: name, server: name, tool: name, isToolCall: fc.boolean() });
  const by = fc.subarray(['principal', 'server', 'tool'] as const);
  await fc.assert(
    fc.asyncProperty(by, one, one, async (of, first, second) => {
      const limits = limitsOf({ any: { calls: 1, per: 'hour', by: of } });
      await limits.take(first);
      const isByTool = of.includes('tool');
      const isOther =
        (of.includes('principal') && first.principal !== second.principal) ||
        ((isByTool || of.includes('server')) && first.server !== second.server) ||
        (isByTool && (first.tool !== second.tool || first.isToolCall !== second.isToolCall));
      const passes = await takenOf(limits, second).then(
        () => true,
        () => false,
      );
      expect(passes).toBe(isOther);
    }),
    {
      numRuns: 500,
      examples: [
        [['principal', 'server'], call({ principal: 'a,b', server: 'c' }), call({ principal: 'a', server: 'b,c' })],
      ],
    },
  );
});

test('many calls at the same moment find each the place that there is for it', async () => {
  const limits = limitsOf({ day: { calls: 300, per: 'day' } }, Date.now, true);
  const all = await Promise.all(Array.from({ length: 300 }, () => asked(limits)));
  expect(new Set(all)).toEqual(new Set(['yes']));
});

test('a limit is for the tools and the principals that it names', async () => {
  const limits = limitsOf({ some: { calls: 1, per: 'hour', tools: ['git/delete_*'], principals: ['ci-*'] } });
  const principal = 'ci-1';
  expect(await asked(limits, { principal, tool: 'delete_a' })).toBe('yes');
  expect(await asked(limits, { principal, tool: 'delete_b' })).toBe(3_600);
  expect(await asked(limits, { principal, tool: 'delete_b', isToolCall: false })).toBe('yes');
  expect(await asked(limits, { principal })).toBe('yes');
  expect(await asked(limits, { tool: 'delete_b' })).toBe('yes');
});

describe('time', () => {
  test('gives a new period after the one that began with the first call', async () => {
    const limits = limitsOf({ one: { calls: 1, per: 'minute' } });
    expect([await asked(limits), await asked(limits)]).toEqual(['yes', 60]);
    vi.advanceTimersByTime(40_000);
    expect(await asked(limits)).toBe(20);
    vi.advanceTimersByTime(20_000);
    expect([await asked(limits), await asked(limits)]).toEqual(['yes', 60]);
  });

  test('that is set back or forward makes no period longer or shorter', async () => {
    const limits = limitsOf({ one: { calls: 1, per: 'minute' } });
    await asked(limits);
    vi.setSystemTime(NOON - 86_400_000);
    expect(await asked(limits)).toBe(60);
    vi.setSystemTime(NOON + 86_400_000);
    expect(await asked(limits)).toBe(60);
    vi.advanceTimersByTime(60_000);
    expect(await asked(limits)).toBe('yes');
  });

  test('that passes before a place is given back makes the next period no larger', async () => {
    const limits = limitsOf({ one: { calls: 1, per: 'minute' } });
    const place = await limits.take(call());
    vi.advanceTimersByTime(60_000);
    expect(await asked(limits)).toBe('yes');
    await place.giveBack();
    expect(await asked(limits)).toBe(60);
  });

  test.each([
    [false, 24],
    [true, 48],
  ])(
    'gives a new day at midnight, UTC, and one that is put back gives none (in a shared store: %s)',
    async (isShared, longest) => {
      let now = NOON;
      const limits = limitsOf({ quota: { calls: 1, per: 'day' } }, () => now, isShared);
      const first = await limits.take(call());
      expect(await asked(limits)).toBe(12 * 3_600);
      now = NOON - 2 * 86_400_000;
      expect(await asked(limits)).toBe(longest * 3_600);
      now = NOON + 12 * 3_600_000;
      expect(await asked(limits)).toBe('yes');
      await first.giveBack();
      expect(await asked(limits)).toBe(24 * 3_600);
    },
  );
});

test('whose clock was a year ahead for a moment waits for a day, and not for a year', async () => {
  const limits = limitsOf({ quota: { calls: 1, per: 'day' } });
  vi.setSystemTime(NOON + 365 * 86_400_000);
  expect(await asked(limits)).toBe('yes');
  vi.setSystemTime(NOON);
  expect(await asked(limits)).toBe(24 * 3_600);
  vi.advanceTimersByTime(24 * 3_600_000);
  expect([await asked(limits), await asked(limits)]).toEqual(['yes', 12 * 3_600]);
});

test('as many counts are kept as there is room for, one that counts goes never, and those that are over make room', async () => {
  const limits = limitsOf({ one: { calls: 1, per: 'minute', by: ['tool'] } });
  const anew = () =>
    limits.replace(configSchema.parse({ limits: { one: { calls: 1, per: 'minute', by: ['tool'] } } }).limits);
  for (let n = 0; n < 100_000; n++) void limits.take(call({ tool: String(n) }));
  expect(await asked(limits, { tool: 'more' })).toMatch(/takes no more/);
  anew();
  expect(await asked(limits, { tool: '0' })).toBe(60);
  vi.advanceTimersByTime(60_000);
  expect([await asked(limits, { tool: 'more' }), await asked(limits, { tool: 'more' })]).toEqual(['yes', 60]);
  expect(await asked(limits, { tool: '0' })).toBe('yes');
  anew();
  expect(await asked(limits, { tool: '0' })).toBe(60);
});

test('a count of this process is taken at once, without anything to wait for', () => {
  const limits = limitsOf({ one: { calls: 1, per: 'minute' }, two: { calls: 5, per: 'day' } });
  expect(limits.take(call())).not.toBeInstanceOf(Promise);
  expect(() => limits.take(call())).toThrow(/limit "one"/);
});

test('a limit that is as before goes on counting when others change', async () => {
  const limits = limitsOf({ kept: { calls: 1, per: 'hour' }, gone: { calls: 1, per: 'hour' } });
  await asked(limits);
  limits.replace(
    configSchema.parse({ limits: { kept: { calls: 1, per: 'hour' }, more: { calls: 9, per: 'day' } } }).limits,
  );
  expect(await asked(limits)).toBe(3_600);
});

test('the count of a day goes on where its limit changes', async () => {
  const limits = limitsOf({ quota: { calls: 1, per: 'day' } });
  await asked(limits);
  limits.replace(configSchema.parse({ limits: { quota: { calls: 2, per: 'day' } } }).limits);
  expect([await asked(limits), await asked(limits)]).toEqual(['yes', 12 * 3_600]);
});

test('a quota that cannot be read refuses', async () => {
  const store = { ...storeOf(true), get: () => Promise.reject(new Error('the store is gone')) };
  const limits = new CallLimits(
    { store, now: Date.now, monotonicNow: () => 0 },
    configSchema.parse({ limits: { quota: { calls: 5, per: 'day' } } }).limits,
  );
  expect(await asked(limits)).toContain('the store is gone');
});
