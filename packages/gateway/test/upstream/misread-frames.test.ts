import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { openFakeConnection } from './fake-connection.ts';

const call: Message = { method: 'tools/call', params: ObjectText.from({ name: 'a' }) };
const live = () => ({ cancellation: new Cancellation() });

/** A request, or a notification, of a server. */
const ask = (id: string, params: string): string =>
  `{"jsonrpc":"2.0",${id}"method":"elicitation/create","params":${params}}`;

test.each([
  ['is too deep', (id: string) => ask(`"id":${id},`, `{"x":${'['.repeat(200)}${']'.repeat(200)}}`), -32_600],
  ['has a list as params', (id: string) => ask(`"id":${id},`, '[1]'), -32_600],
  ['has a raw control character', (id: string) => ask(`"id":${id},`, '{"message":"\u0001"}'), -32_700],
  ['has params twice', (id: string) => ask(`"id":${id},"params":{},`, '{}'), -32_600],
])(
  'never waits for the answer to a question of the server that %s: the server gets an error',
  async (_why, write, code) => {
    for (const ownStreams of [false, true]) {
      const { link, connection } = await openFakeConnection('legacy', { ownStreams });
      const asked = connection.request(call, live());
      const { id, ticket } = link.request('tools/call');
      const say = (text: string): unknown => (ownStreams ? ticket?.frame(Buffer.from(text)) : link.write(text));
      for (const own of ['"q\\u0031"', String(id)]) {
        say(write(own));
        const { text, frame } = link.sent.at(-1) as (typeof link.sent)[number];
        expect(text).toContain(`"id":${own},"error":`);
        expect(frame).toMatchObject({
          error: { code, message: expect.stringMatching(/^The frame .*at byte \d+\.$/) },
        });
      }
      expect(link.sent).toHaveLength(3);
      say(`{"jsonrpc":"2.0","id":${id},"result":{"n":1}}`);
      expect((await asked).toValue()).toEqual({ n: 1 });
    }
  },
);

test('a question of a batch that cannot be read is no answer to the request of the same id', async () => {
  const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
  const asked = connection.request(call, live());
  const { id, ticket } = link.request('tools/call');
  ticket?.frame(Buffer.from(`[${ask(`"id":${id},`, '[1]')},{"jsonrpc":"2.0","id":${id},"result":{"n":1}}]`));
  expect(link.sent.at(-1)?.frame).toMatchObject({ id, error: { code: -32_600 } });
  expect((await asked).toValue()).toEqual({ n: 1 });
});

test('an answer still comes on a stream on which the server has told something that cannot be read', async () => {
  const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
  const asked = connection.request(call, live());
  const { id, ticket } = link.request('tools/call');
  ticket?.frame(Buffer.from(ask('', `{"data":${'['.repeat(200)}${']'.repeat(200)}}`)));
  ticket?.frame(Buffer.from(ask('', '[1]')));
  expect(link.sent).toHaveLength(1);
  ticket?.frame(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"n":1}}`));
  expect((await asked).toValue()).toEqual({ n: 1 });
});

test('an answer is waited for though a question or a notification of the server was too long; the question gets an error', async () => {
  const { link, connection, told } = await openFakeConnection('legacy');
  const asked = connection.request(call, live());
  const { id } = link.request('tools/call');
  link.events?.tooLongAsked?.(undefined, 100);
  expect(link.sent).toHaveLength(1);
  link.events?.tooLongAsked?.(Buffer.from(String(id)), 100);
  expect(link.sent.at(-1)?.frame).toMatchObject({
    id,
    error: {
      code: -32_600,
      message: 'The request has more than 100 bytes, the most of a message, and was passed over; send less at once.',
    },
  });
  expect(told.onError).toHaveBeenCalledOnce();
  link.write(`{"jsonrpc":"2.0","id":${id},"result":{"n":1}}`);
  expect((await asked).toValue()).toEqual({ n: 1 });
});
