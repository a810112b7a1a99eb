import { expect, test } from 'vitest';
import { Forwarder } from '../../src/call/forward.ts';
import { isCounted, limited } from '../../src/call/limited.ts';
import { UpstreamLostError, UpstreamUnavailableError } from '../../src/errors.ts';
import { CallLimits } from '../../src/limits/call-limits.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { fakeExchange } from './fake-exchange.ts';

const now = (): number => 0;
const message = { method: 'tools/call', params: ObjectText.EMPTY };
const call = { principal: 'p', server: 's', tool: 't', isToolCall: true };

/** How calls end, one after another, at a server that answers this way, within two calls a day. */
async function ends(answers: readonly (() => Promise<ObjectText>)[]): Promise<readonly string[]> {
  const entry = { calls: 2, per: 'day', by: ['principal'] } as const;
  const limits = new CallLimits({ store: createMemoryStore({ now }), now, monotonicNow: now }, { two: entry });
  const left = [...answers];
  const upstream = { name: 's', request: () => left.shift()?.() } as unknown as Upstream;
  const breaker = { failures: 1, coolDownMs: 1_000 };
  const forwarder = new Forwarder(upstream, { callTimeoutMs: 1_000, breaker, maxRetries: 0 }, now);
  const ended: string[] = [];
  for (const _ of answers) {
    const made = limited(limits, call, (sent) =>
      forwarder.forward(message, fakeExchange('legacy', { message }), false, sent),
    );
    ended.push(
      await made.then(
        () => 'ok',
        (error) => error.code,
      ),
    );
  }
  return ended;
}

const ok = async () => ObjectText.EMPTY;
const away = () => Promise.reject(new UpstreamUnavailableError({ server: 's', state: 'starting' }));
const lost = () => Promise.reject(new UpstreamLostError({ server: 's', method: 'tools/call' }));

test('a call that may have been carried out costs, and one that was never sent does not', async () => {
  expect(await ends([ok, ok, ok])).toEqual(['ok', 'ok', 'GATEWAY_LIMIT_REACHED']);
  const broken = await ends([ok, lost, lost, lost]);
  expect(broken).toEqual(['ok', 'GATEWAY_UPSTREAM_LOST', 'GATEWAY_LIMIT_REACHED', 'GATEWAY_LIMIT_REACHED']);
  const open = await ends([lost, ok, ok, ok]);
  expect(open).toEqual(['GATEWAY_UPSTREAM_LOST', ...Array(3).fill('GATEWAY_BREAKER_OPEN')]);
  expect((await ends([away, away, away])).at(-1)).not.toBe('GATEWAY_LIMIT_REACHED');
});

test.each([
  ['tools/call', true],
  ['resources/read', true],
  ['prompts/get', true],
  ['vendor/any', true],
  ['tasks/get', false],
  ['completion/complete', false],
])('%s counts: %s', (method, counts) => {
  expect(isCounted(method)).toBe(counts);
});
