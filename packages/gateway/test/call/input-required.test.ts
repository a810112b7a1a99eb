import { expect, test } from 'vitest';
import { answerQuestions } from '../../src/call/input-required.ts';
import { fakeExchange } from './fake-exchange.ts';

const asking = { resultType: 'input_required', inputRequests: { who: { method: 'roots/list' } }, requestState: 's1' };

test('asks an older client the old way and sends the request again with its answers', async () => {
  const exchange = fakeExchange('legacy', { answer: ({ method }) => ({ answered: method }) });
  const legs: unknown[] = [];
  const result = await answerQuestions(exchange, async ({ inputResponses, requestState }) => {
    legs.push({ inputResponses, requestState });
    return legs.length === 1 ? asking : { content: [] };
  });
  expect(result).toEqual({ content: [] });
  expect(legs[1]).toEqual({ inputResponses: { who: { answered: 'roots/list' } }, requestState: 's1' });
});

test('hands the questions to a client that knows them', async () => {
  expect(await answerQuestions(fakeExchange('modern'), async () => asking)).toBe(asking);
});

test('gives up on a server that asks in circles', async () => {
  await expect(answerQuestions(fakeExchange('legacy'), async () => asking)).rejects.toThrow('asked for input 16 times');
});
