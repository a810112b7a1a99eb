import { afterEach, expect, test, vi } from 'vitest';
import { Forwarder } from '../../src/call/forward.ts';
import type { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { fakeExchange } from './fake-exchange.ts';

afterEach(() => void vi.useRealTimers());

const message = { method: 'tools/call', params: ObjectText.EMPTY };

/** How a call ends within two deadlines at a server that asks this, for ever, of a client that takes roots and answers nothing. */
async function ends(method: string): Promise<string> {
  vi.useFakeTimers();
  const ask = (): Promise<never> => new Promise(() => {});
  const upstream = {
    name: 's',
    request: (_: unknown, exchange: Exchange, cancellation: Cancellation) => {
      const { promise, reject } = Promise.withResolvers<ObjectText>();
      cancellation.onCancel(reject);
      void exchange.ask({ method, params: undefined }, exchange.cancellation);
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
  expect(await ends('roots/list')).toBe('waits');
  for (const method of ['sampling/createMessage', 'elicitation/create', 'tools/call', 'nonsense']) {
    expect(await ends(method)).toBe('GATEWAY_DEADLINE');
  }
});
