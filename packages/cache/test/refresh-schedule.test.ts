import { idle } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { RefreshSchedule, type Verdict } from '../src/refresh-schedule.ts';
import { ManualClock } from './fixtures/setting.ts';

function setUp(verdicts: readonly Verdict[]) {
  const clock = new ManualClock();
  const looks: string[] = [];
  let next = 0;
  const schedule = new RefreshSchedule<string>(clock, async (subject) => {
    looks.push(subject);
    return verdicts[next++] ?? 'rest';
  });
  const move = async (ms: number): Promise<string[]> => {
    clock.move(ms);
    await idle();
    return looks.splice(0);
  };
  return { clock, schedule, move };
}

describe('RefreshSchedule', () => {
  test('looks after 2 seconds, 5, half a minute, five minutes, then every ten', async () => {
    const { schedule, move } = setUp(Array.from({ length: 9 }, () => 'later' as const));
    schedule.watch('a');
    expect(await move(1_999)).toEqual([]);
    for (const delay of [1, 5_000, 30_000, 300_000, 600_000, 600_000]) expect(await move(delay)).toEqual(['a']);
    expect(await move(599_999)).toEqual([]);
  });

  test('looks again soon where a turn was taken by somebody else, without moving on', async () => {
    const { schedule, move } = setUp(['soon', 'later', 'rest']);
    schedule.watch('a');
    for (const delay of [2_000, 15_000, 5_000]) expect(await move(delay)).toEqual(['a']);
  });

  test('leaves alone what rests', async () => {
    const { schedule, move, clock } = setUp(['rest']);
    schedule.watch('a');
    expect(await move(2_000)).toEqual(['a']);
    expect([schedule.subjects, clock.waiting]).toEqual([[], 0]);
  });

  test('waits while the process is busy, but not for ever', async () => {
    const clock = new ManualClock();
    clock.busy = true;
    let looks = 0;
    const look = async (): Promise<Verdict> => {
      looks++;
      return 'rest';
    };
    const schedule = new RefreshSchedule<string>(clock, look);
    schedule.watch('a');
    for (let i = 0; i < 10; i++) {
      clock.move(2_000);
      await idle();
    }
    expect(looks).toBe(0);
    clock.move(2_000);
    await idle();
    expect(looks).toBe(1);
  });

  test('after stop nothing is looked at, and nothing is watched any more', async () => {
    const { schedule, move, clock } = setUp([]);
    schedule.watch('a');
    await schedule.stop();
    schedule.watch('b');
    expect(await move(1e9)).toEqual([]);
    expect([schedule.subjects, clock.waiting]).toEqual([['a'], 0]);
  });
});
