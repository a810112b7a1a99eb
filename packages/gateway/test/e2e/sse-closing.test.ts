import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { callFrame, openOldSse } from '../fixtures/raw-client.ts';
import { says, serveTalking } from './channels/talking-server.ts';

/** A gateway that a client of the oldest transport has asked something which is answered when the test says so. */
async function asked(shutdownTimeoutMs: number) {
  const held = Promise.withResolvers<void>();
  const running = Promise.withResolvers<void>();
  const talking = await serveTalking({
    hold: async () => {
      running.resolve();
      await held.promise;
      return says('done');
    },
  });
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', shutdownTimeoutMs },
    mcpServers: { talk: { url: talking.url } },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const client = await openOldSse(new URL('/sse', url).href);
  const answer = client.exchange(callFrame('legacy', '7', 'talk__say', '{"kind":"hold"}'), '7');
  await running.promise;
  return {
    gateway,
    answer: answer.then((frames) => JSON.parse(frames.at(-1) ?? '')),
    finish: () => held.resolve(),
    [Symbol.asyncDispose]: async () => {
      held.resolve();
      await client[Symbol.asyncDispose]();
      await gateway.close();
      await talking[Symbol.asyncDispose]();
    },
  };
}

test('a client of HTTP with SSE has its answer before the gateway closes', async () => {
  await using call = await asked(60_000);
  const closing = call.gateway.close();
  call.finish();
  expect((await call.answer).result.content).toEqual([{ type: 'text', text: 'done' }]);
  await closing;
});

test('a client of HTTP with SSE is told so, where the gateway closes without its answer', async () => {
  await using call = await asked(0);
  const closing = call.gateway.close();
  const { error } = await call.answer;
  expect(error).toMatchObject({ data: { code: 'GATEWAY_CALL_ENDED' } });
  expect(error.message).toMatch(/ended before this was answered; whether it was done is not known/);
  await closing;
});
