import { describe, expect, test } from 'vitest';
import { ChangeQueue } from '../src/change-queue.ts';

describe('changes of one module', () => {
  test('start in the same step when nothing else runs', () => {
    const queue = new ChangeQueue();
    let started = false;
    void queue.run(async () => {
      started = true;
    });

    expect(started).toBe(true);
    expect(queue.busy).toBe(true);
  });

  test('run one after the other, in the order they came', async () => {
    const queue = new ChangeQueue();
    const trace: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = queue.run(async () => {
      trace.push('enter 1');
      await gate.promise;
      trace.push('leave 1');
    });
    const second = queue.run(async () => trace.push('2'));
    const third = queue.run(async () => trace.push('3'));
    expect(trace).toEqual(['enter 1']);
    gate.resolve();
    await Promise.all([first, second, third]);

    expect(trace).toEqual(['enter 1', 'leave 1', '2', '3']);
    expect(queue.busy).toBe(false);
  });

  test('of one kind that wait become the newest of them, whose outcome all get', async () => {
    const queue = new ChangeQueue();
    const gate = Promise.withResolvers<void>();
    const made: string[] = [];
    const swap = (what: string): Promise<string> =>
      queue.run(async () => {
        made.push(what);
        return what;
      }, 'swap');
    const running = queue.run(() => gate.promise, 'swap');
    const waiting = [swap('a'), queue.run(async () => made.push('settings')), swap('b'), swap('c')];
    gate.resolve();
    await running;

    expect(await Promise.all(waiting)).toEqual(['c', 2, 'c', 'c']);
    expect(made).toEqual(['c', 'settings']);
  });

  test('go on after one has failed', async () => {
    const queue = new ChangeQueue();
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(async () => 'yes');

    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  test('that wait are turned away at the end, and the one that runs is waited for', async () => {
    const queue = new ChangeQueue();
    const gate = Promise.withResolvers<void>();
    const trace: string[] = [];
    const running = queue.run(() => gate.promise.then(() => trace.push('ran')));
    const waiting = queue.run(async () => trace.push('never'));
    const ended = queue.end(() => new Error('over')).then(() => trace.push('ended'));

    await expect(waiting).rejects.toThrow('over');
    await expect(queue.run(async () => trace.push('never'))).rejects.toThrow('over');
    gate.resolve();
    await Promise.all([running, ended]);
    expect(trace).toEqual(['ran', 'ended']);
  });
});
