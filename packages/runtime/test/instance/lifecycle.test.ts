import { expect, test } from 'vitest';
import { Lifecycle } from '../../src/instance/lifecycle.ts';

test('closing is marked first, done once, and shared', async () => {
  const lifecycle = new Lifecycle();
  const seen: string[] = [lifecycle.state];
  const shutDown = async (): Promise<void> => {
    seen.push(lifecycle.state);
  };
  const first = lifecycle.close(shutDown);
  expect(lifecycle.isOpen).toBe(false);
  expect(lifecycle.close(shutDown)).toBe(first);
  await first;
  expect([...seen, lifecycle.state]).toEqual(['open', 'closing', 'closed']);
});

test('what fails while closing is closed all the same, and everyone hears of it', async () => {
  const lifecycle = new Lifecycle();
  const close = (): Promise<void> => lifecycle.close(() => Promise.reject(new Error('stuck')));
  await expect(Promise.allSettled([close(), close()])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(lifecycle.state).toBe('closed');
});
