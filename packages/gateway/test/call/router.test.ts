import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/call/endpoint.ts';
import { Router } from '../../src/call/router.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { fakeExchange } from './fake-exchange.ts';

test('a client that cancels its log level waits for no server that is slow to take it', async () => {
  const upstream = { logLevelChanged: () => new Promise<void>(() => {}) };
  const endpoint = { serves: () => true, visibleTo: () => [{ upstream }] } as unknown as Endpoint;
  const cancellation = new Cancellation();
  const message = { method: 'logging/setLevel', params: ObjectText.from({ level: 'error' }) };
  const routed = new Router({} as never).route(fakeExchange('legacy', { message, cancellation }), endpoint);
  const reason = new Error('cancelled');
  cancellation.cancel(reason);
  await expect(routed).rejects.toBe(reason);
});
