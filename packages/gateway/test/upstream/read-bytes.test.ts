import { expect, test } from 'vitest';
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
