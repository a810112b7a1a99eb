import { expect, test, vi } from 'vitest';
import { isParkedState, ParkedCalls } from '../../src/call/parked-calls.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { fakeExchange } from './fake-exchange.ts';

const question = (message: string) => ({ method: 'elicitation/create', params: ObjectText.from({ message }) });
const text = (said: unknown) => ({ content: [{ type: 'text', text: String(said) }] });
const result = (said: unknown) => ObjectText.from(text(said));
const parkedCalls = () => {
  const store = createMemoryStore({ now: () => 0 });
  return new ParkedCalls({ store, replicas: new Replicas({ store, logger: silentLogger }), now: () => 0 });
};
/** A client that takes questions to its user. */
const modern = (more: Parameters<typeof fakeExchange>[1] = {}): Exchange =>
  fakeExchange('modern', { ...more, peer: { capabilities: ObjectText.from({ elicitation: {} }), ...more.peer } });
const saidIn = (answer: ObjectText) => answer.text('said');

/** A call that asks two things one after the other, and says what it was told. */
const askTwice = async (exchange: Exchange) => {
  const first = await exchange.ask(question('one?'), exchange.cancellation);
  const second = await exchange.ask(question('two?'), exchange.cancellation);
  return result(`${saidIn(first)}, ${saidIn(second)}`);
};

type Asking = { requestState: string; inputRequests: Record<string, { params: { message: string } }> };
const read = (asking: ObjectText) => asking.toValue() as Asking;

/** Answers all open questions of a result by their own text. */
function answering(asking: ObjectText, more: Parameters<typeof fakeExchange>[1] = {}): Exchange {
  const { requestState, inputRequests } = read(asking);
  const inputResponses = ObjectText.from(
    Object.fromEntries(
      Object.entries(inputRequests).map(([key, { params }]) => [key, { said: `to ${params.message}` }]),
    ),
  );
  return modern({ requestState, inputResponses, ...more });
}

test('a call that asks nothing is answered as if nothing stood between', async () => {
  const answer = await parkedCalls().start(modern(), 'f', async () => result('at once'));
  expect(answer.toValue()).toEqual(text('at once'));
});

test('a call that asks goes on where it stood when its client comes back with the answers', async () => {
  const calls = parkedCalls();
  const first = await calls.start(modern(), 'f', askTwice);
  expect(read(first)).toMatchObject({ resultType: 'input_required' });
  expect(isParkedState(read(first).requestState)).toBe(true);
  const second = await calls.resume(answering(first), 'f');
  expect(read(second)).toMatchObject({ resultType: 'input_required' });
  expect((await calls.resume(answering(second), 'f')).toValue()).toEqual(text('to one?, to two?'));
});

test('what the client does not take is refused to the server, and the call goes on', async () => {
  const asked = async (exchange: Exchange): Promise<ObjectText> =>
    exchange.ask({ method: 'sampling/createMessage', params: undefined }, exchange.cancellation);
  const answer = parkedCalls().start(modern(), 'f', (exchange) => asked(exchange).catch(({ code }) => result(code)));
  expect((await answer).toValue()).toEqual(text(-32_601));
});

test('progress is reported under the token of the leg that waits', async () => {
  const calls = parkedCalls();
  const told: string[] = [];
  const notify = ({ params }: Message): void => void told.push(String(params?.toBytes()));
  const report = { method: 'notifications/progress', params: ObjectText.from({ progressToken: 0, progress: 1 }) };
  const asking = await calls.start(modern(), 'f', async (exchange) => {
    await exchange.ask(question('a?'), exchange.cancellation);
    exchange.notify(report);
    return exchange.ask(question('b?'), exchange.cancellation);
  });
  const again = await calls.resume(answering(asking, { notify, progressToken: Buffer.from('"t2"') }), 'f');
  expect(told).toEqual(['{"progressToken":"t2","progress":1}']);
  await calls.resume(answering(again, { notify }), 'f');
  expect(told).toHaveLength(1);
});

test('questions that are asked together are put together', async () => {
  const calls = parkedCalls();
  const asking = await calls.start(modern(), 'f', async (exchange) => {
    const answers = await Promise.all(['a?', 'b?'].map((said) => exchange.ask(question(said), exchange.cancellation)));
    return result(answers.map(saidIn));
  });
  expect(Object.keys(read(asking).inputRequests)).toHaveLength(2);
  expect((await calls.resume(answering(asking), 'f')).toValue()).toEqual(text('to a?,to b?'));
});

test('what is not answered is asked again', async () => {
  const calls = parkedCalls();
  const asking = await calls.start(modern(), 'f', askTwice);
  const empty = modern({ requestState: read(asking).requestState, inputResponses: ObjectText.EMPTY });
  const again = await calls.resume(empty, 'f');
  expect(read(again).inputRequests).toEqual(read(asking).inputRequests);
});

test.each([
  ['of another caller', (asking: ObjectText) => answering(asking, { peer: { caller: { name: 'you' } } }), 'f'],
  ['with another request', (asking: ObjectText) => answering(asking), 'g'],
  ['that was never given', (asking: ObjectText) => answering(asking, { requestState: 'lockgate.guessed' }), 'f'],
])('a state %s is refused in the same words', async (_what, exchange, fingerprint) => {
  const calls = parkedCalls();
  const asking = await calls.start(modern(), 'f', askTwice);
  await expect(calls.resume(exchange(asking), fingerprint)).rejects.toThrow('Invalid or expired requestState');
});

test('a state is good for one answer', async () => {
  const calls = parkedCalls();
  const asking = await calls.start(modern(), 'f', askTwice);
  await calls.resume(answering(asking), 'f');
  await expect(calls.resume(answering(asking), 'f')).rejects.toThrow('Invalid or expired requestState');
});

test('a client that does not come back costs its call', async () => {
  vi.useFakeTimers();
  try {
    const calls = parkedCalls();
    const ended = Promise.withResolvers<unknown>();
    const asking = await calls.start(modern(), 'f', async (exchange) => {
      exchange.cancellation.onCancel(ended.resolve);
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
  const calls = parkedCalls();
  const working = Promise.withResolvers<void>();
  const asking = await calls.start(modern(), 'f', async (exchange) => {
    await exchange.ask(question('one?'), exchange.cancellation);
    const { promise, reject } = Promise.withResolvers<never>();
    exchange.cancellation.onCancel(() => reject(new Error('cancelled')));
    working.resolve();
    return promise;
  });
  const client = new Cancellation();
  const outcome = calls.resume(answering(asking, { cancellation: client }), 'f');
  await working.promise;
  client.cancel(new Error('cancelled'));
  await expect(outcome).rejects.toThrow('cancelled');
});
