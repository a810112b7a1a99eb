import { afterEach, expect, test, vi } from 'vitest';
import { Forwarder } from '../../src/call/forward.ts';
import { LoginNeededError, UpstreamLostError, UpstreamUnavailableError } from '../../src/errors.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { fakeExchange } from './fake-exchange.ts';

afterEach(() => void vi.useRealTimers());

const message = { method: 'tools/call', params: ObjectText.EMPTY };

/** How a call ends within two deadlines at a server of which something is waited for, of a client that takes roots and answers nothing. */
async function ends(wait: (exchange: Exchange) => unknown): Promise<string> {
  vi.useFakeTimers();
  const ask = (): Promise<never> => new Promise(() => {});
  const upstream = {
    name: 's',
    request: (_: unknown, exchange: Exchange, cancellation: Cancellation) => {
      const { promise, reject } = Promise.withResolvers<ObjectText>();
      cancellation.onCancel(reject);
      wait(exchange);
      return promise;
    },
  } as unknown as Upstream;
  const breaker = { failures: 1, coolDownMs: 1_000 };
  const forwarder = new Forwarder(upstream, { callTimeoutMs: 1_000, breaker, maxRetries: 0 }, () => 0);
  const exchange = fakeExchange('legacy', { ask, peer: { capabilities: ObjectText.from({ roots: {} }) } });
  let ended = 'waits';
  forwarder.forward(message, exchange, false).catch(({ code }) => {
    ended = code;
  });
  await vi.advanceTimersByTimeAsync(2_000);
  return ended;
}

test('while a client answers what it takes the deadline is paused, and for nothing else', async () => {
  const asks = (method: string) => (exchange: Exchange) =>
    void exchange.ask({ method, params: undefined }, exchange.cancellation);
  expect(await ends(asks('roots/list'))).toBe('waits');
  for (const method of ['sampling/createMessage', 'elicitation/create', 'tools/call', 'nonsense']) {
    expect(await ends(asks(method))).toBe('GATEWAY_DEADLINE');
  }
  // It answers a question that came for another of its calls.
  expect(await ends((exchange) => exchange.hold?.())).toBe('waits');
  expect(await ends((exchange) => exchange.hold?.()())).toBe('GATEWAY_DEADLINE');
});

test('what may be sent twice waits for a server that was lost under it to be up again, however slow its start is', async () => {
  vi.useFakeTimers();
  const back = Promise.withResolvers<void>();
  let isUp = true;
  let sent = 0;
  const upstream = {
    name: 's',
    request: () => {
      sent++;
      if (sent > 1 && isUp) return Promise.resolve(ObjectText.EMPTY);
      isUp = false;
      return Promise.reject(new UpstreamLostError({ server: 's', method: 'tools/call', reason: 'it exited' }));
    },
    tried: () => back.promise,
  } as unknown as Upstream;
  const breaker = { failures: 5, coolDownMs: 1_000 };
  const forwarder = new Forwarder(upstream, { callTimeoutMs: 60_000, breaker, maxRetries: 2 }, () => 0);
  const answer = forwarder.forward(message, fakeExchange('modern'), true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toBe(1);
  isUp = true;
  back.resolve();
  expect(await answer).toBe(ObjectText.EMPTY);
});

test('a retry does not wait for ever for a server that does not come back, nor for a client that has gone', async () => {
  vi.useFakeTimers();
  const lost = new UpstreamLostError({ server: 's', method: 'tools/call', reason: 'it exited' });
  const tried = (cancellation: Cancellation): Promise<void> =>
    new Promise((_, reject) => void cancellation.onCancel(reject));
  const upstream = { name: 's', request: () => Promise.reject(lost), tried } as unknown as Upstream;
  const breaker = { failures: 5, coolDownMs: 1_000 };
  const forwarder = new Forwarder(upstream, { callTimeoutMs: 60_000, breaker, maxRetries: 1 }, () => 0);
  const late = expect(forwarder.forward(message, fakeExchange('modern'), true)).rejects.toBe(lost);
  await vi.advanceTimersByTimeAsync(11_000);
  await late;
  const cancellation = new Cancellation();
  const exchange = fakeExchange('modern', { cancellation });
  const gone = expect(forwarder.forward(message, exchange, true)).rejects.toThrow('gone');
  await vi.advanceTimersByTimeAsync(1_000);
  cancellation.cancel(new Error('gone'));
  await gone;
});

test.each([
  ['is not up again', new UpstreamUnavailableError({ server: 's', state: 'restarting' }), 5],
  ['is called no more for a while', undefined, 1],
  ['wants a login', new LoginNeededError({ server: 's', why: 'it has ended' }), 5],
])(
  'a call that was lost under way is told as lost where the server %s: it may have been carried out',
  async (_why, then, failures) => {
    vi.useFakeTimers();
    const lost = new UpstreamLostError({ server: 's', method: 'tools/call', reason: 'it exited' });
    const request = vi.fn(() => Promise.reject(request.mock.calls.length === 1 ? lost : (then ?? lost)));
    const upstream = { name: 's', request, tried: () => Promise.resolve() } as unknown as Upstream;
    const breaker = { failures, coolDownMs: 60_000 };
    const forwarder = new Forwarder(upstream, { callTimeoutMs: 60_000, breaker, maxRetries: 2 }, () => 0);
    const told = expect(forwarder.forward(message, fakeExchange('modern'), true)).rejects.toBe(lost);
    await vi.advanceTimersByTimeAsync(5_000);
    await told;
  },
);
