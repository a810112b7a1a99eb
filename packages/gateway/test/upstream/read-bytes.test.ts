import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';

const call: Message = { method: 'tools/call', params: ObjectText.from({ name: 'a' }) };
const live = () => ({ cancellation: new Cancellation() });

test.each([
  ['over a pipe', false],
  ["on no call's stream over HTTP", true],
])('a batch %s is taken apart: answers, questions and what is told in it', async (_way, ownStreams) => {
  const { link, connection } = await openFakeConnection('legacy', { ownStreams });
  const told: string[] = [];
  const exchange = fakeExchange('legacy', { notify: ({ method }) => void told.push(method) });
  const calls = [connection.request(call, { ...live(), exchange }), connection.request(call, live())];
  const [first, second] = link.sent.map(({ frame }) => frame.id as number);
  const message = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}';
  const answers = [second, first].map((id) => `{"jsonrpc":"2.0","id":${id},"result":{"of":${id}}}`);
  link.write(` [ ${message},{"jsonrpc":"2.0","id":"q","method":"ping"},7,${answers} ]`);
  const results = await Promise.all(calls);
  expect(results.map((result) => result.toValue())).toEqual([{ of: first }, { of: second }]);
  expect(told).toEqual(['notifications/message']);
  expect(link.sent.at(-1)?.text).toBe('{"jsonrpc":"2.0","id":"q","result":{}}');
});

test.each([
  ['[INFO] it is up', false],
  ['[1, "a"]', false],
  ['[{"a": 1}]', false],
  ['[{"jsonrpc":"2.0","method":"notifications/foo"}, 7]', true],
])('%s is a batch only where a message is in it: %s', async (text, isBatch) => {
  const { link } = await openFakeConnection('legacy');
  expect(link.events?.frame(Buffer.from(text))).toBe(isBatch);
});

describe('what is no message', () => {
  test.each(['hello', '', '[DONE]', '[1]', '{"type":"ping"}', '"ok"', '{"a":NaN}'])(
    'as an event on the stream of a call (%s) is passed over, told once, and the answer waited for',
    async (text) => {
      const { link, connection, told } = await openFakeConnection('legacy', { ownStreams: true });
      const asked = connection.request(call, live());
      const { id, ticket } = link.request('tools/call');
      for (let i = 0; i < 3; i++) ticket?.event(Buffer.from(text));
      ticket?.event(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"n":1}}`));
      expect((await asked).toValue()).toEqual({ n: 1 });
      expect(told.onError).toHaveBeenCalledOnce();
    },
  );

  test.each([
    ['hello', 'frame'],
    ['{"type":"ping"}', 'frame'],
    ['{"jsonrpc":"2.0","id":1,"result":{"a":NaN}}', 'event'],
    ['{"jsonrpc":"2.0","id":1,"resu', 'event'],
  ] as const)('as a whole answer, or a damaged one (%s as %s), ends the call with what is wrong', async (text, as) => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const asked = connection.request(call, live());
    link.request('tools/call').ticket?.[as](Buffer.from(text));
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_FAULT' });
  });
});
