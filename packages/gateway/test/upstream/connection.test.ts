import { describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { NoAnswerError, TooLongAnswerError } from '../../src/transport/server-link.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';

const call = (name: string): Message => ({ method: 'tools/call', params: ObjectText.from({ name }) });
const live = () => ({ cancellation: new Cancellation() });

/** An exchange that keeps what its client is told. */
function listening(era: 'legacy' | 'modern', more: Partial<Omit<Exchange, 'peer'>> = {}) {
  const heard: string[] = [];
  const notify = ({ params }: Message): void => void heard.push(String(params?.toBytes()));
  return { heard, exchange: fakeExchange(era, { notify, ...more }) };
}

const LOG = '{"level":"info","data":1}';

describe('an answer', () => {
  test('is found by the id that was sent and no other, in whatever order answers come', async () => {
    const { link, connection, told } = await openFakeConnection('legacy');
    const [first, second] = [connection.request(call('a'), live()), connection.request(call('b'), live())];
    const [one, two] = link.sent.map(({ frame }) => frame.id);
    for (const id of [`"0${two}"`, `${two}.5`, '99', 'null']) link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    link.write(`{"jsonrpc":"2.0","id":${two},"result":{"n":2}}`);
    link.write(`{"jsonrpc":"2.0","id":${two},"result":{"n":3}}`);
    link.write(`{"jsonrpc":"2.0","id":${one},"result":{"n":1.0}}`);
    expect(String((await first).toBytes())).toBe('{"n":1.0}');
    expect((await second).toValue()).toEqual({ n: 2 });
    // Of several within a second the first is told, and then how many more there were.
    expect(told.onError).toHaveBeenCalledOnce();
    await connection.close();
    expect(told.onError.mock.calls.map(([{ message }]) => message)).toEqual([
      'the server answered a request that nobody waits for',
      expect.stringContaining('3 more'),
    ]);
  });

  test.each([
    ['text', (id?: number) => `"${id}"`],
    ['floating point', (id?: number) => `${id}.0`],
  ])('of a server that keeps ids as %s is found, as clients of every SDK do', async (_kind, write) => {
    const { link, connection } = await openFakeConnection('legacy');
    const asked = connection.request(call('a'), live());
    link.write(`{"jsonrpc":"2.0","id":${write(link.sent[0]?.frame.id)},"result":{"n":1}}`);
    expect((await asked).toValue()).toEqual({ n: 1 });
  });

  test('is no question of the server that cannot be read, though that has the same id', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const asked = connection.request(call('a'), live());
    const { id } = link.request('tools/call');
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
    link.write(`{"jsonrpc":"2.0","id":${id},"method":"ping","params":{},"params":{}}`);
    link.write(`{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"x":${deep}}}`);
    link.write(`{"jsonrpc":"2.0","id":${id},"result":{"n":1}}`);
    expect((await asked).toValue()).toEqual({ n: 1 });
  });

  test('that is an error rejects with the bytes of the error', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const asked = connection.request(call('a'), live()).catch((error: unknown) => error);
    const error = '{"code":-32002,"message":"gone","data":{"n":1.0},"more":[]}';
    link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"error":${error}}`);
    expect(await asked).toMatchObject({ code: -32_002, message: 'gone' });
    expect(String(((await asked) as { text: ObjectText }).text.toBytes())).toBe(error);
  });

  test('that is no frame fails the request that it names, and the connection lives on', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const bad = connection.request(call('a'), live());
    link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"result":[]}`);
    const message = expect.stringContaining('no JSON-RPC message');
    await expect(bad).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_FAULT', message });
    const good = connection.request(call('b'), live());
    for (const garbage of ['{', '', 'hello', '[]']) link.write(garbage);
    link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"result":{}}`);
    expect((await good).toValue()).toEqual({});
  });

  test('never comes once the connection has ended', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const asked = connection.request(call('a'), live());
    link.events?.ended('it exited with code 3');
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
    expect(await connection.closed).toBe('it exited with code 3');
  });
});

describe('progress', () => {
  test('reaches the client under the token that it chose, as it was written', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const { heard, exchange } = listening('legacy', { progressToken: Buffer.from('"p\\u0041"') });
    const asked = connection.request(call('a'), { ...live(), exchange });
    const { id, frame } = link.request('tools/call');
    expect(frame.params).toEqual({ name: 'a', _meta: { progressToken: id } });
    const said = (token: string) => `{"progressToken":${token},"progress":1.0,"x":[]}`;
    const progress = (token: string) => `{"jsonrpc":"2.0","method":"notifications/progress","params":${said(token)}}`;
    for (const token of [`${id}`, '99', '"p"']) link.write(progress(token));
    link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    await asked;
    expect(heard).toEqual([said('"p\\u0041"')]);
  });
});

test('news of the server are for everybody, even while somebody calls', async () => {
  const { link, connection, told } = await openFakeConnection('legacy');
  const { heard, exchange } = listening('legacy');
  connection.request(call('a'), { ...live(), exchange }).catch(() => {});
  link.write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
  expect(heard).toEqual([]);
  expect(told.onNews).toHaveBeenCalledWith({ method: 'notifications/tools/list_changed', params: undefined });
});

describe('a request that is cancelled', () => {
  test('is told the server with the reason; where it has a stream of its own in the modern era, by closing that', async () => {
    for (const { era, ownStreams, told } of [
      { era: 'legacy', ownStreams: false, told: true },
      { era: 'legacy', ownStreams: true, told: true },
      { era: 'modern', ownStreams: false, told: true },
      { era: 'modern', ownStreams: true, told: false },
    ] as const) {
      const { link, connection } = await openFakeConnection(era, { ownStreams });
      const cancellation = new Cancellation();
      const asked = connection.request(call('a'), { cancellation });
      const sent = link.request('tools/call');
      cancellation.cancel(new Error('changed my mind'));
      await expect(asked).rejects.toThrow('changed my mind');
      const cancelled = link.sent.find(({ frame }) => frame.method === 'notifications/cancelled');
      const params = { requestId: sent.id, reason: 'changed my mind' };
      expect(cancelled?.frame.params, `${era} ${ownStreams}`).toEqual(told ? params : undefined);
      expect(sent.aborted).toBe(true);
    }
  });

  test('is not sent where that happened before', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const cancellation = new Cancellation();
    cancellation.cancel(new Error('too late'));
    await expect(connection.request(call('a'), { cancellation })).rejects.toThrow('too late');
    expect(link.sent).toEqual([]);
  });
});

describe('a question of the server', () => {
  test('is asked the client of the one request it can be about, and answered under the id it had', async () => {
    const { link, connection } = await openFakeConnection('legacy');
    const answered = Promise.withResolvers<void>();
    const answer = '{"action":"accept","n":1.0}';
    const ask = async () => ObjectText.read(Buffer.from(answer));
    const { exchange } = listening('legacy', { ask });
    connection.request(call('a'), { ...live(), exchange }).catch(() => {});
    link.write('{"jsonrpc":"2.0","id":"q\\u0031","method":"elicitation/create"}');
    setImmediate(answered.resolve);
    await answered.promise;
    expect(link.sent.at(-1)?.text).toBe(`{"jsonrpc":"2.0","id":"q\\u0031","result":${answer}}`);
  });

  test('about the roots of a session is for the session, and outlives the request that happens to run', async () => {
    const { link, connection, told } = await openFakeConnection('legacy');
    const roots = Promise.withResolvers<ObjectText>();
    told.ask.mockReturnValue(roots.promise);
    const ask = vi.fn<Exchange['ask']>();
    const asked = connection.request(call('a'), { ...live(), exchange: listening('legacy', { ask }).exchange });
    link.write('{"jsonrpc":"2.0","id":1,"method":"roots/list"}');
    link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"result":{}}`);
    await asked;
    roots.resolve(ObjectText.from({ roots: [] }));
    await expect.poll(() => link.sent.at(-1)?.text).toBe('{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}');
    expect(ask).not.toHaveBeenCalled();
  });

  test.each([
    ['whose request is over gets an error', 'result', 1],
    ['that it has taken back gets no answer', 'notifications/cancelled', 0],
  ])('%s', async (_, end, errors) => {
    const { link, connection } = await openFakeConnection('legacy');
    const ask = (_message: Message, cancellation: Cancellation) =>
      new Promise<ObjectText>((_resolve, reject) => cancellation.onCancel(reject));
    const asked = connection.request(call('a'), { ...live(), exchange: listening('legacy', { ask }).exchange });
    link.write('{"jsonrpc":"2.0","id":"q","method":"elicitation/create"}');
    if (end !== 'result') link.write(`{"jsonrpc":"2.0","method":"${end}","params":{"requestId":"q"}}`);
    link.write(`{"jsonrpc":"2.0","id":${link.request('tools/call').id},"result":{}}`);
    await asked;
    await expect.poll(() => link.sent).toHaveLength(1 + errors);
    expect(link.sent.slice(1).map(({ frame }) => frame)).toMatchObject(errors ? [{ id: 'q', error: {} }] : []);
  });

  test('beyond the thirty-second that waits is refused, and nobody is asked', async () => {
    const { link, told } = await openFakeConnection('legacy');
    told.ask.mockReturnValue(new Promise(() => {}));
    for (let id = 0; id <= 32; id++) link.write(`{"jsonrpc":"2.0","id":${id},"method":"roots/list"}`);
    expect(told.ask).toHaveBeenCalledTimes(32);
    expect(link.sent.map(({ text }) => JSON.parse(text))).toMatchObject([{ id: 32, error: { code: -32_603 } }]);
  });

  test('that is a ping is answered at once', async () => {
    const { link } = await openFakeConnection('legacy');
    link.write('{"jsonrpc":"2.0","id":1.0,"method":"ping"}');
    expect(link.sent.at(-1)?.text).toBe('{"jsonrpc":"2.0","id":1.0,"result":{}}');
  });
});

describe('a request that has been answered', () => {
  const late = (method: string, params = '{}') =>
    Buffer.from(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`);

  /** An answered request of a client, with the stream that its server leaves open. */
  async function answered() {
    const opened = await openFakeConnection('modern', { ownStreams: true });
    const asked: string[] = [];
    const ask = async ({ method }: Message): Promise<ObjectText> => {
      asked.push(method);
      return ObjectText.EMPTY;
    };
    const { heard, exchange } = listening('modern', { ask, progressToken: Buffer.from('1') });
    const take = vi.fn(() => true);
    const request = opened.connection.request(call('a'), { ...live(), exchange, take });
    const { id, ticket } = opened.link.request('tools/call');
    ticket?.frame(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{}}`));
    return { ...opened, heard, asked, take, request, id, ticket };
  }

  test('has nothing more to tell its client, nor anybody else, but news of the server', async () => {
    const { ticket, told, heard, take, request, id } = await answered();
    // First in the same chunk as the answer, which nobody has seen yet, and then afterwards.
    for (const when of ['at once', 'afterwards']) {
      if (when === 'afterwards') await request;
      ticket?.frame(late('notifications/foo'));
      ticket?.frame(late('notifications/message', LOG));
      ticket?.frame(late('notifications/progress', `{"progressToken":${id},"progress":1}`));
      ticket?.frame(late('notifications/tools/list_changed'));
    }
    expect(heard).toEqual([]);
    expect(take).not.toHaveBeenCalled();
    expect(told.onStray).not.toHaveBeenCalled();
    expect(told.onNews).toHaveBeenCalledTimes(2);
  });

  test('has nothing more to ask its client: a question goes to who owns the connection', async () => {
    const { ticket, told, asked, link } = await answered();
    ticket?.frame(Buffer.from('{"jsonrpc":"2.0","id":"q","method":"roots/list"}'));
    await expect.poll(() => link.sent.at(-1)?.text).toBe('{"jsonrpc":"2.0","id":"q","result":{}}');
    expect(asked).toEqual([]);
    expect(told.ask).toHaveBeenCalledOnce();
  });
});

test.each([
  [new NoAnswerError('no answer'), 'with a message that is no answer to it'],
  [new TooLongAnswerError('It has more than 9 bytes.'), 'no JSON-RPC message. It has more than 9 bytes.'],
])('what came in place of an answer is a fault of the server: %s', async (cause, words) => {
  const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
  const asked = connection.request(call('a'), live());
  link.request('tools/call').ticket?.failed(cause, true);
  const message = expect.stringContaining(words);
  await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_FAULT', message });
  expect(connection.endReason).toBeUndefined();
});

test('an answer over a pipe that is too long is a fault of the server in its own call; others are still answered', async () => {
  const { link, connection } = await openFakeConnection('legacy');
  const tooLong = new TooLongAnswerError('It has more than 9 bytes.');
  const first = connection.request(call('a'), live());
  const { id } = link.request('tools/call');
  const second = connection.request(call('b'), live());
  const other = link.request('tools/call');
  link.events?.tooLong?.(id, tooLong);
  link.events?.tooLong?.(999, tooLong);
  const message = expect.stringContaining('no JSON-RPC message. It has more than 9 bytes.');
  await expect(first).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_FAULT', message });
  link.write(`{"jsonrpc":"2.0","id":${other.id},"result":{}}`);
  expect((await second).toValue()).toEqual({});
  expect(connection.endReason).toBeUndefined();
});

describe('a connection is of no more use', () => {
  test('where its session is no longer known: nothing of the request ran, and others are still answered', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const other = connection.request(call('a'), { ...live(), exchange: fakeExchange('legacy') });
    const { id } = link.request('tools/call');
    const asked = connection.request(call('b'), live());
    const body = Buffer.from('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}');
    link.request('tools/call').ticket?.refused({ status: 404, body });
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_SESSION_EXPIRED' });
    expect(await connection.closed).toBe('its session expired');
    expect(link.closed).toBe(false);
    link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    expect((await other).toValue()).toEqual({});
    await connection.gone;
    expect(link.closed).toBe(true);
  });

  test('where its session is no longer known, at once if no client waits for anything', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const own = connection.request({ method: 'tools/list', params: undefined }, live());
    const asked = connection.request(call('b'), live());
    link.request('tools/call').ticket?.refused({ status: 404, body: Buffer.alloc(0) });
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_SESSION_EXPIRED' });
    await expect(own).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
    await connection.gone;
    expect(link.closed).toBe(true);
  });

  test('where its session is no longer known, and others are lost with the link', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const other = connection.request(call('a'), { ...live(), exchange: fakeExchange('legacy') });
    const asked = connection.request(call('b'), live());
    link.request('tools/call').ticket?.refused({ status: 404, body: Buffer.alloc(0) });
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_SESSION_EXPIRED' });
    await connection.close();
    await expect(other).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
  });

  test('where a request cannot be sent, which says so', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const asked = connection.request(call('a'), live());
    link.request('tools/call').ticket?.failed(new Error('connect ECONNREFUSED'), false);
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_UNAVAILABLE' });
    expect(await connection.closed).toBe('connect ECONNREFUSED');
  });

  test('but not where a request was sent and broke off', async () => {
    const { link, connection } = await openFakeConnection('legacy', { ownStreams: true });
    const asked = connection.request(call('a'), live());
    link.request('tools/call').ticket?.failed(new Error('read ECONNRESET'), true);
    await expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
    expect(connection.endReason).toBeUndefined();
  });
});
