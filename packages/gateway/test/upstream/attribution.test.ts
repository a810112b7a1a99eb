import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Era } from '../../src/protocol/era.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';
import type { FakeLink } from './fake-link.ts';

const LOG = '{"level":"info","data":1}';
const log = `{"jsonrpc":"2.0","method":"notifications/message","params":${LOG}}`;
const anyMessage = expect.objectContaining({ method: 'notifications/message' });
const call: Message = { method: 'tools/call', params: ObjectText.from({ name: 'a' }) };
const live = () => ({ cancellation: new Cancellation() });

/** An exchange of this caller that keeps what its client is told. */
function listening(era: Era, name: string) {
  const heard: string[] = [];
  const asked: string[] = [];
  const notify = ({ params }: Message): void => void heard.push(String(params?.toBytes()));
  const answer = ({ method }: Message) => {
    asked.push(method);
    return {};
  };
  return { heard, asked, exchange: fakeExchange(era, { notify, answer, peer: { caller: { name } } }) };
}

async function answered(connection: Connection, link: FakeLink, exchange: Exchange): Promise<void> {
  const answer = connection.request(call, { ...live(), exchange });
  link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"result":{}}`);
  await answer;
}

describe('a log message over a pipe', () => {
  test('belongs to the one request that is open, beside which a stream of changes counts for nothing', async () => {
    const { link, connection, told } = await openFakeConnection('modern');
    const listen = { method: 'subscriptions/listen', params: undefined };
    connection.request(listen, { ...live(), take: () => true }).catch(() => {});
    const { heard, exchange } = listening('modern', 'me');
    connection.request(call, { ...live(), exchange }).catch(() => {});
    link.write(log);
    expect(heard).toEqual([LOG]);
    expect(told.onStray).not.toHaveBeenCalled();
  });

  test('that may belong to requests of one caller is told once to each of its clients', async () => {
    const { link, connection, told } = await openFakeConnection('modern');
    const clients = [
      listening('modern', 'me'),
      listening('modern', 'me'),
      listening('legacy', 'me'),
      listening('legacy', 'me'),
    ];
    for (const { exchange } of clients) connection.request(call, { ...live(), exchange }).catch(() => {});
    link.write(log);
    expect(clients.map(({ heard }) => heard.length)).toEqual([1, 1, 0, 1]);
    expect(told.onStray).not.toHaveBeenCalled();
  });

  test('is told after the last answer to all clients of the one caller that has called', async () => {
    const { link, connection, told } = await openFakeConnection('legacy');
    await answered(connection, link, listening('legacy', 'me').exchange);
    link.write(log);
    expect(told.onStray).toHaveBeenCalledExactlyOnceWith(anyMessage, 'me');
  });

  test.each([
    ['only a call of another caller runs', ['me'], ['you']],
    ['calls of several callers run', [], ['me', 'you']],
    ['calls of several callers have ended', ['me', 'you'], []],
    ['the first caller calls again', ['me', 'you'], ['me']],
  ])('is told to nobody where %s, since it may be about a call of either', async (_when, before, running) => {
    const { link, connection, told } = await openFakeConnection('legacy');
    for (const name of before) await answered(connection, link, listening('legacy', name).exchange);
    const clients = running.map((name) => listening('legacy', name));
    for (const { exchange } of clients) connection.request(call, { ...live(), exchange }).catch(() => {});
    link.write(log);
    link.write(log);
    expect(clients.flatMap(({ heard }) => heard)).toEqual([]);
    expect(told.onStray).not.toHaveBeenCalled();
    // Once is enough for who looks for it.
    expect(told.onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: expect.stringContaining('names no call is told to nobody') }),
    );
  });

  test('that came on the stream of a call is told to its client, whoever else calls', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const clients = ['me', 'you'].map((name) => listening('legacy', name));
    for (const { exchange } of clients) connection.request(call, { ...live(), exchange }).catch(() => {});
    link.sent[1]?.ticket?.frame(Buffer.from(log));
    expect(clients.map(({ heard }) => heard)).toEqual([[], [LOG]]);
  });

  test('before anybody has called is for all who may see the server', async () => {
    const { link, told } = await openFakeConnection('legacy');
    link.write(log);
    expect(told.onStray).toHaveBeenCalledExactlyOnceWith(anyMessage, undefined);
  });
});

test('a question over a pipe is not put to the one caller that calls now, where another has called before', async () => {
  const { link, connection, told } = await openFakeConnection('legacy');
  await answered(connection, link, listening('legacy', 'me').exchange);
  const { asked, exchange } = listening('legacy', 'you');
  connection.request(call, { ...live(), exchange }).catch(() => {});
  link.write('{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{}}');
  await expect.poll(() => told.ask.mock.calls.length).toBe(1);
  expect(asked).toEqual([]);
});
