import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Call, CallList } from '../../src/console/api.ts';
import { joinCalls, queryOf, readPlaces } from '../../src/processes/join-calls.ts';

const callOf = (id: string, startedAt: number, isRunning = false): Call => ({
  id,
  startedAt,
  isRunning,
  principal: 'p',
  method: 'tools/call',
  ...(!isRunning && { durationMs: 1 }),
});

/** A process that answers as `GET calls` does: what runs first, then what has ended from its newest on. */
function answerOf(number: number, ended: readonly Call[], running: readonly Call[], asked: URLSearchParams): CallList {
  const before = asked.get('before');
  const limit = Number(asked.get('limit'));
  const at = before === null ? 0 : ended.findIndex(({ id }) => id === before) + 1;
  const all = [...(before === null ? running : []), ...ended.slice(at)];
  const calls = all.slice(0, limit);
  const last = calls.findLast(({ isRunning }) => !isRunning);
  const next = all.length > limit ? (last?.id ?? `b${number}.0`) : undefined;
  return { calls, ...(next !== undefined && { next }), hasLog: number === 1 };
}

test('pages of the calls of all processes have each call once, the newest first in each process, whatever ends meanwhile', () => {
  const times = fc.array(fc.nat(50), { maxLength: 12 });
  const processes = fc.array(fc.record({ times, running: fc.nat(2) }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(processes, fc.integer({ min: 1, max: 5 }), (given, limit) => {
      const all = given.map((one, index) => ({
        number: index + 1,
        ended: one.times
          .toSorted((a, b) => b - a)
          .map((time, at) => callOf(`b${index + 1}.${one.times.length - at}`, time)),
        running: Array.from({ length: one.running }, (_, at) => callOf(`b${index + 1}.9${at}`, 60, true)),
      }));
      const isWhole = all.every(({ running }) => running.length < limit);
      fc.pre(isWhole);
      const seen: Call[] = [];
      let places: ReturnType<typeof readPlaces> | undefined;
      for (let page = 0; page < 50; page += 1) {
        const said = all.flatMap(({ number, ended, running }) => {
          const query = queryOf(new URLSearchParams({ limit: String(limit) }), places, number);
          if (query === undefined) return [];
          return [{ number, value: answerOf(number, ended, running, new URL(query, 'http://a').searchParams) }];
        });
        const joined = joinCalls(said, places, limit);
        seen.push(...joined.calls);
        if (joined.next === undefined) break;
        places = readPlaces(joined.next);
      }
      const ids = seen.filter(({ isRunning }) => !isRunning).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { number, ended } of all)
        expect(ids.filter((id) => id.startsWith(`b${number}.`))).toEqual(ended.map(({ id }) => id));
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    }),
  );
});

test('a place that no answer has said is refused', () => {
  for (const before of ['', 'x', '1', '1:', '1:a b', '1:a,', '1:../x'])
    expect(() => readPlaces(before), before).toThrow('"before" has to be what an answer has as "next"');
});
