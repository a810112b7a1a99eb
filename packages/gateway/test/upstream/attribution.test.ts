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

const ways = [
  ['over a pipe', false],
  ["on no call's stream over HTTP", true],
] as const;

test.each(ways)(
  'a question %s is not put to the one caller that calls now, where another has called before',
  async (_way, ownStreams) => {
    const { link, connection, told } = await openFakeConnection('legacy', { ownStreams });
    await answered(connection, link, listening('legacy', 'me').exchange);
    const { asked, exchange } = listening('legacy', 'you');
    connection.request(call, { ...live(), exchange }).catch(() => {});
    link.write('{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{}}');
    await expect.poll(() => told.ask.mock.calls.length).toBe(1);
    expect(asked).toEqual([]);
  },
);

describe.each(ways)('a question %s', (_way, ownStreams) => {
  const capabilities = ObjectText.from({ elicitation: {} });
  const question = (id: number, method = 'elicitation/create') =>
    `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{"message":"?"}}`;

  /** A call of the client of this session, which answers what it is asked when the test says so. */
  function calling(key: string, name = 'me') {
    const held = { now: 0, ever: 0 };
    const asked: { message: Message; cancellation: Cancellation; answer: () => void }[] = [];
    const ask: Exchange['ask'] = (message, cancellation) => {
      const { promise, resolve, reject } = Promise.withResolvers<ObjectText>();
      cancellation.onCancel(reject);
      asked.push({ message, cancellation, answer: () => resolve(ObjectText.from({ action: 'accept' })) });
      return promise;
    };
    const hold = () => {
      held.now++;
      held.ever++;
      return () => void held.now--;
    };
    return {
      held,
      asked,
      exchange: fakeExchange('legacy', { ask, hold, peer: { key, capabilities, caller: { name } } }),
    };
  }

  async function running(...calls: ReturnType<typeof calling>[]) {
    const { link, connection, told } = await openFakeConnection('legacy', { ownStreams });
    const end = calls.map(({ exchange }) => {
      connection.request(call, { ...live(), exchange }).catch(() => {});
      const { id } = link.request('tools/call');
      return () => link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    });
    return { link, told, end };
  }

  test('is put to the client of the one call that runs, whose deadline is paused', async () => {
    const only = calling('one');
    const { link, told } = await running(only);
    link.write(question(7));
    expect([only.asked.length, only.held.now, told.ask.mock.calls.length]).toEqual([1, 1, 0]);
  });

  test('of one client with several calls is put to it through the newest, and pauses the deadlines of all until it has been answered', async () => {
    const [first, second] = [calling('one'), calling('one')];
    const { link, told } = await running(first, second);
    link.write(question(7));
    expect([first.asked.length, second.asked.length, told.ask.mock.calls.length]).toEqual([0, 1, 0]);
    expect([first.held.now, second.held.now]).toEqual([1, 1]);
    second.asked[0]?.answer();
    await expect.poll(() => link.sent.at(-1)?.text).toBe('{"jsonrpc":"2.0","id":7,"result":{"action":"accept"}}');
    expect([first.held.now, second.held.now]).toEqual([0, 0]);
  });

  test('stays until the last of them has ended', async () => {
    const [first, second] = [calling('one'), calling('one')];
    const { link, end } = await running(first, second);
    link.write(question(7));
    end[1]?.();
    expect([second.asked[0]?.cancellation.cancelled, first.held.now]).toEqual([false, 1]);
    end[0]?.();
    expect(second.asked[0]?.cancellation.cancelled).toBe(true);
    await expect.poll(() => first.held.now).toBe(0);
  });

  test('pauses no deadline where the client does not take it', async () => {
    const [first, second] = [calling('one'), calling('one')];
    const { link } = await running(first, second);
    link.write(question(7, 'sampling/createMessage'));
    expect([first.held.ever, second.held.ever]).toEqual([0, 0]);
  });

  test.each([
    ['of two callers', [calling('one'), calling('two', 'you')], 'elicitation/create'],
    ['of two clients of one caller', [calling('one'), calling('two')], 'elicitation/create'],
    ['of one client, where it is about roots', [calling('one'), calling('one')], 'roots/list'],
  ])('%s is put to none through its calls, and pauses nothing', async (_whose, calls, method) => {
    const { link, told } = await running(...calls);
    link.write(question(7, method));
    await expect.poll(() => told.ask.mock.calls.length).toBe(1);
    expect(calls.flatMap(({ asked }) => asked)).toEqual([]);
    expect(calls.map(({ held }) => held.ever)).toEqual([0, 0]);
  });
});
