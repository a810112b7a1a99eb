import { expect, test } from 'vitest';
import { answerQuestions } from '../../src/call/input-required.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { fakeExchange } from './fake-exchange.ts';

type Send = (exchange: Exchange) => Promise<ObjectText>;

/** Sends a request, and again with answers. */
const sendAndAnswer = async (exchange: Exchange, send: Send) => answerQuestions(exchange, await send(exchange), send);

const peer = { capabilities: ObjectText.from({ roots: {} }) };
const asking = ObjectText.from({
  resultType: 'input_required',
  inputRequests: { who: { method: 'roots/list' } },
  requestState: 's1',
});

test('asks an older client the old way and sends the request again with its answers', async () => {
  const exchange = fakeExchange('legacy', { peer, answer: ({ method }) => ({ answered: method }) });
  const legs: unknown[] = [];
  const result = await sendAndAnswer(exchange, async ({ inputResponses, requestState }) => {
    legs.push({ inputResponses: inputResponses?.toValue(), requestState });
    return legs.length === 1 ? asking : ObjectText.from({ content: [] });
  });
  expect(result.toValue()).toEqual({ content: [] });
  expect(legs[1]).toEqual({ inputResponses: { who: { answered: 'roots/list' } }, requestState: 's1' });
});

test('answers of the client are passed as the bytes that came', async () => {
  const answer = ObjectText.read(Buffer.from('{"n": 1.0, "n":9007199254740993}'));
  const exchange = fakeExchange('legacy', { peer, ask: async () => answer });
  const legs: (Buffer | undefined)[] = [];
  await sendAndAnswer(exchange, async ({ inputResponses }) => {
    legs.push(inputResponses?.bytes('who'));
    return legs.length === 1 ? asking : ObjectText.EMPTY;
  });
  expect(legs[1]?.toString()).toBe('{"n": 1.0, "n":9007199254740993}');
});

test('hands the questions to a client that knows them', async () => {
  expect(await sendAndAnswer(fakeExchange('modern', { peer }), async () => asking)).toBe(asking);
});

test.each([
  ['sampling/createMessage', undefined, {}],
  ['sampling/createMessage', undefined, { elicitation: {}, roots: {} }],
  ['roots/list', undefined, { sampling: {} }],
  ['elicitation/create', undefined, { roots: {} }],
  ['elicitation/create', 'url', { elicitation: {} }],
  ['tools/call', undefined, { roots: {}, sampling: {}, elicitation: {} }],
])('hands none on to one that does not take it: %s, mode %s', async (method, mode, capabilities) => {
  const inputRequests = { taken: { method: 'roots/list' }, who: { method, params: { mode } } };
  const exchange = fakeExchange('modern', { peer: { capabilities: ObjectText.from(capabilities) } });
  const sent = sendAndAnswer(exchange, async () => ObjectText.from({ resultType: 'input_required', inputRequests }));
  const message = expect.stringMatching(/^The server asks for ".+" before it answers: the client /);
  await expect(sent).rejects.toMatchObject({ code: -32_021, message });
});

test('gives up on a server that asks in circles', async () => {
  await expect(sendAndAnswer(fakeExchange('legacy', { peer }), async () => asking)).rejects.toThrow(
    'asked for input 16 times',
  );
});

test.each(['sampling/createMessage', 'tools/call'])(
  'asks nothing of a client that does not take all: %s',
  async (method) => {
    const asked: string[] = [];
    const exchange = fakeExchange('legacy', { peer, answer: (message) => ({ n: asked.push(message.method) }) });
    const inputRequests = { who: { method: 'roots/list' }, what: { method } };
    const sent = sendAndAnswer(exchange, async () => ObjectText.from({ resultType: 'input_required', inputRequests }));
    await expect(sent).rejects.toMatchObject({ code: -32_021, message: expect.stringContaining(`"${method}"`) });
    expect(asked).toEqual([]);
  },
);
