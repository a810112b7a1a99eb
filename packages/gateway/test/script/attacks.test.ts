import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Attack,
  CHANGING_WHAT_IS_GIVEN,
  REACHING_THE_HOST,
  TRAPS_IN_VALUES,
  USING_EVERYTHING_UP,
} from './attacks.ts';
import { openThreads, resultAnswer, SHORT_LIMITS, textAnswer, told } from './run-in-threads.ts';

let threads: Awaited<ReturnType<typeof openThreads>>;

beforeAll(async () => {
  threads = await openThreads(SHORT_LIMITS);
});

afterAll(async () => {
  await threads[Symbol.asyncDispose]();
});

const ANSWERS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  fails: async () => resultAnswer({ isError: true, content: [{ type: 'text', text: 'no' }] }),
  proto: async () => textAnswer('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  structured: async () => new TextEncoder().encode('{"structuredContent":{"__proto__":{"polluted":1}}}'),
  never: () => new Promise(() => {}),
  large: async () => textAnswer('x'.repeat(1e6)),
  huge: async () => textAnswer('x'.repeat(3e7)),
};

// A busy machine takes long for a little processor time: only what waits for the end of the time gets a short one.
const run = async (code: string, timeoutMs = 120_000): Promise<string> =>
  told(
    await threads.run(code, {
      more: { timeoutMs },
      asked: ({ name, json }) => (ANSWERS[name] ?? (async () => textAnswer(json)))(),
    }),
  );

const ALL: readonly (readonly [string, readonly Attack[]])[] = [
  ['reaching the host by', REACHING_THE_HOST],
  ['putting something in the place of what is given:', CHANGING_WHAT_IS_GIVEN],
  ['a trap where values become text:', TRAPS_IN_VALUES],
  ['using everything up by', USING_EVERYTHING_UP],
];

test('there are at least 80 attempts, none of them twice', () => {
  const codes = ALL.flatMap(([, attacks]) => attacks.map(([, code]) => code));
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.length).toBeGreaterThan(80);
});

describe.each(ALL)('%s', (_how, attacks) => {
  test.each(attacks)('%s', async (_what, code, outcome) => {
    const said = await run(code, outcome === 'limit: time' ? SHORT_LIMITS.timeoutMs : undefined);
    if (outcome instanceof RegExp) expect(said).toMatch(outcome);
    else expect(said.slice(0, outcome.length)).toBe(outcome);
    // The next script finds nothing of it.
    expect(await run(`return [typeof leak, ({}).polluted === undefined, await api.call('x', { a: 1 })]`)).toBe(
      '["undefined",true,{"a":1}]',
    );
  });
});

test('a call that would be made after the end is never asked', () => {
  expect(threads.asks.map(({ name }) => name)).not.toContain('late');
});
