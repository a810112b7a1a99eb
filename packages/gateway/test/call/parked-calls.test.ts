import { expect, test, vi } from 'vitest';
import { isParkedState, ParkedCalls } from '../../src/call/parked-calls.ts';
import type { Exchange } from '../../src/upstream/peer.ts';
import { fakeExchange } from './fake-exchange.ts';

const question = (message: string) => ({ method: 'elicitation/create', params: { message } });
const text = (said: unknown) => ({ content: [{ type: 'text', text: String(said) }] });

/** A call that asks two things one after the other, and says what it was told. */
const askTwice = async (exchange: Exchange) => {
  const first = await exchange.ask(question('one?'), exchange.signal);
  const second = await exchange.ask(question('two?'), exchange.signal);
  return text(`${first.said}, ${second.said}`);
};

type Asking = { requestState: string; inputRequests: Record<string, { params: { message: string } }> };

/** Answers all open questions of a result by their own text. */
function answering(result: unknown, more: Partial<Exchange> = {}): Exchange {
  const { requestState, inputRequests } = result as Asking;
  const inputResponses = Object.fromEntries(
    Object.entries(inputRequests).map(([key, { params }]) => [key, { said: `to ${params.message}` }]),
  );
  return fakeExchange('modern', { requestState, inputResponses, ...more });
}

test('a call that asks nothing is answered as if nothing stood between', async () => {
  expect(await new ParkedCalls().start(fakeExchange('modern'), 'f', async () => text('at once'))).toEqual(
    text('at once'),
  );
});

test('a call that asks goes on where it stood when its client comes back with the answers', async () => {
  const calls = new ParkedCalls();
  const first = await calls.start(fakeExchange('modern'), 'f', askTwice);
  expect(first).toMatchObject({ resultType: 'input_required' });
  expect(isParkedState((first as Asking).requestState)).toBe(true);
  const second = await calls.resume(answering(first), 'f');
  expect(second).toMatchObject({ resultType: 'input_required' });
  expect(await calls.resume(answering(second), 'f')).toEqual(text('to one?, to two?'));
});

test('questions that are asked together are put together', async () => {
  const calls = new ParkedCalls();
  const asking = await calls.start(fakeExchange('modern'), 'f', async (exchange) => {
    const answers = await Promise.all(['a?', 'b?'].map((said) => exchange.ask(question(said), exchange.signal)));
    return text(answers.map(({ said }) => said));
  });
  expect(Object.keys((asking as Asking).inputRequests)).toHaveLength(2);
  expect(await calls.resume(answering(asking), 'f')).toEqual(text('to a?,to b?'));
});

test('what is not answered is asked again', async () => {
  const calls = new ParkedCalls();
  const asking = await calls.start(fakeExchange('modern'), 'f', askTwice);
  const empty = fakeExchange('modern', { requestState: (asking as Asking).requestState, inputResponses: {} });
  const again = await calls.resume(empty, 'f');
  expect((again as Asking).inputRequests).toEqual((asking as Asking).inputRequests);
});

test.each([
  [
    'of another caller',
    (asking: unknown) => answering(asking, { peer: { ...fakeExchange('modern').peer, caller: { name: 'you' } } }),
    'f',
  ],
  ['with another request', (asking: unknown) => answering(asking), 'g'],
  ['that was never given', (asking: unknown) => answering(asking, { requestState: 'lockgate.guessed' }), 'f'],
])('a state %s is refused in the same words', async (_what, exchange, fingerprint) => {
  const calls = new ParkedCalls();
  const asking = await calls.start(fakeExchange('modern'), 'f', askTwice);
  await expect(calls.resume(exchange(asking), fingerprint)).rejects.toThrow('Invalid or expired requestState');
});

test('a state is good for one answer', async () => {
  const calls = new ParkedCalls();
  const asking = await calls.start(fakeExchange('modern'), 'f', askTwice);
  await calls.resume(answering(asking), 'f');
  await expect(calls.resume(answering(asking), 'f')).rejects.toThrow('Invalid or expired requestState');
});

test('a client that does not come back costs its call', async () => {
  vi.useFakeTimers();
  try {
    const calls = new ParkedCalls();
    const ended = Promise.withResolvers<unknown>();
    const asking = await calls.start(fakeExchange('modern'), 'f', async (exchange) => {
      exchange.signal.addEventListener('abort', () => ended.resolve(exchange.signal.reason));
      return askTwice(exchange);
    });
    vi.advanceTimersByTime(10 * 60_000);
    expect(await ended.promise).toMatchObject({ code: 'GATEWAY_BAD_REQUEST' });
    await expect(calls.resume(answering(asking), 'f')).rejects.toThrow('Invalid or expired requestState');
  } finally {
    vi.useRealTimers();
  }
});

test('a client that cancels while its call works cancels the call', async () => {
  const calls = new ParkedCalls();
  const working = Promise.withResolvers<void>();
  const asking = await calls.start(fakeExchange('modern'), 'f', async (exchange) => {
    await exchange.ask(question('one?'), exchange.signal);
    const { promise, reject } = Promise.withResolvers<never>();
    exchange.signal.addEventListener('abort', () => reject(new Error('cancelled')));
    working.resolve();
    return promise;
  });
  const client = new AbortController();
  const outcome = calls.resume(answering(asking, { signal: client.signal }), 'f');
  await working.promise;
  client.abort();
  await expect(outcome).rejects.toThrow('cancelled');
});
