import { expect, test } from 'vitest';
import { ClosingOrder } from '../src/closing-order.ts';

function recording(): {
  readonly order: ClosingOrder;
  readonly closed: string[];
  step(name: string): () => Promise<void>;
} {
  const closed: string[] = [];
  return { order: new ClosingOrder(), closed, step: (name) => async () => void closed.push(name) };
}

test('closes what was opened last first, and each thing once', async () => {
  const { order, closed, step } = recording();
  order.defer(step('cache'));
  const runtime = { [Symbol.asyncDispose]: step('runtime') };
  expect(order.use(runtime)).toBe(runtime);
  await order[Symbol.asyncDispose]();
  await order[Symbol.asyncDispose]();
  expect(closed).toEqual(['runtime', 'cache']);
});

test('two that close at once do not upset the order', async () => {
  const { order, closed, step } = recording();
  order.defer(step('cache'));
  const { promise, resolve } = Promise.withResolvers<void>();
  order.defer(() => promise.then(step('runtime')));
  const first = order[Symbol.asyncDispose]();
  await order[Symbol.asyncDispose]();
  expect(closed).toEqual([]);
  resolve();
  await first;
  expect(closed).toEqual(['runtime', 'cache']);
});

test('after a move only the new owner closes', async () => {
  const { order, closed, step } = recording();
  order.defer(step('cache'));
  const owner = order.move();
  await order[Symbol.asyncDispose]();
  expect(closed).toEqual([]);
  await owner[Symbol.asyncDispose]();
  expect(closed).toEqual(['cache']);
});

test('closes the rest after a failure, and then throws it', async () => {
  const { order, closed, step } = recording();
  order.defer(step('cache'));
  const failure = new Error('the runtime does not close');
  order.defer(() => Promise.reject(failure));
  await expect(order[Symbol.asyncDispose]()).rejects.toBe(failure);
  expect(closed).toEqual(['cache']);
});

test('throws several failures together', async () => {
  const { order } = recording();
  for (const name of ['cache', 'runtime']) order.defer(() => Promise.reject(new Error(name)));
  await expect(order[Symbol.asyncDispose]()).rejects.toMatchObject({
    errors: [{ message: 'runtime' }, { message: 'cache' }],
  });
});
