import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { StartQueue } from '../../src/transport/start-queue.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A queue, and starts that last until the test ends them. */
function open(limit: number) {
  const queue = new StartQueue(limit);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string, isAwaited = () => false, cancellation = new Cancellation()): Promise<string> =>
    queue.inTurn(
      async () => {
        begun.push(name);
        const { promise, resolve } = Promise.withResolvers<void>();
        ends.set(name, resolve);
        await promise;
        return name;
      },
      { cancellation, isAwaited },
    );
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { queue, begun, start, end };
}

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test('so many start at once, and one more when one has started or failed', async () => {
  const { queue, begun, start, end } = open(2);
  const first = start('a');
  void start('b');
  const failing = queue.inTurn(() => Promise.reject(new Error('no')), {
    cancellation: new Cancellation(),
    isAwaited: () => false,
  });
  void start('c');
  void start('d');
  await settled();
  expect(begun).toEqual(['a', 'b']);
  failing.catch(() => {});
  await end('a');
  expect(await first).toBe('a');
  await expect(failing).rejects.toThrow('no');
  await settled();
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('what somebody waits for starts before what nobody waits for', async () => {
  const { begun, start, end } = open(1);
  for (const name of ['a', 'b']) void start(name);
  for (const name of ['x', 'y']) void start(name, () => true);
  await settled();
  for (const name of ['a', 'x', 'y']) await end(name);
  expect(begun).toEqual(['a', 'x', 'y', 'b']);
});

test('one that somebody begins to wait for goes before the others from then on', async () => {
  const { begun, start, end } = open(1);
  let isAwaited = false;
  for (const name of ['a', 'b']) void start(name);
  void start('wanted', () => isAwaited);
  await settled();
  isAwaited = true;
  await end('a');
  await end('wanted');
  expect(begun).toEqual(['a', 'wanted', 'b']);
});

test('one that takes longer than ten seconds goes on while the next begins, and counts once', async () => {
  const { begun, start, end } = open(1);
  const slow = start('slow');
  for (const name of ['b', 'c']) void start(name);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(begun).toEqual(['slow']);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(['slow', 'b']);
  await end('slow');
  expect(await slow).toBe('slow');
  expect(begun).toEqual(['slow', 'b']);
});

test('one that is no longer wanted never begins, and nobody waits for it', async () => {
  const { begun, start, end } = open(1);
  void start('a');
  const cancellation = new Cancellation();
  const gone = start('gone', undefined, cancellation);
  void start('c');
  await settled();
  cancellation.cancel(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  await end('a');
  expect(begun).toEqual(['a', 'c']);
  await expect(start('late', undefined, cancellation)).rejects.toThrow('closed');
});

test('a changed number counts from now on', async () => {
  const { queue, begun, start, end } = open(1);
  for (const name of ['a', 'b', 'c', 'd', 'e']) void start(name);
  await settled();
  queue.allow(3);
  await settled();
  expect(begun).toEqual(['a', 'b', 'c']);
  queue.allow(1);
  for (const name of ['a', 'b']) await end(name);
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});
