import { describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { readFrame } from '../../src/protocol/frame/frame.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Bytes } from '../../src/protocol/frame/write-frame.ts';
import type { RequestWire } from '../../src/session/answer-request.ts';
import { ClientSession } from '../../src/session/client-session.ts';
import { endpointOf } from '../call/fake-endpoint.ts';
import { HeldPipeline } from './held-pipeline.ts';

const textOf = (frame: Bytes | undefined): string | undefined => frame && Buffer.concat(frame).toString();

function open() {
  const held = new HeldPipeline();
  const told: string[] = [];
  const onLogLevel = vi.fn();
  const session = new ClientSession({
    id: 's',
    caller: { name: 'me' },
    hello: { version: '2025-11-25', capabilities: ObjectText.from({ roots: {} }), clientInfo: ObjectText.EMPTY },
    endpoint: endpointOf([]),
    pipeline: held.pipeline,
    notify: (_message, frame) => void told.push(textOf(frame()) ?? ''),
    send: (frame) => void told.push(textOf(frame) ?? ''),
    onLogLevel,
  });
  /** Sends a request; what it answers is all that comes on its own wire. */
  const request = (text: string) => {
    const frame = readFrame(Buffer.from(text));
    if (frame.kind !== 'request') throw new Error('expected a request');
    const frames: (string | undefined)[] = [];
    const wire: RequestWire = {
      send: (sent) => void frames.push(textOf(sent)),
      end: (sent) => void frames.push(textOf(sent)),
    };
    const done = session.request(frame, wire);
    return { frames, done };
  };
  const notify = (text: string): void => {
    const frame = readFrame(Buffer.from(text));
    if (frame.kind !== 'notification') throw new Error('expected a notification');
    session.notification(frame);
  };
  const answer = (text: string): boolean => {
    const frame = readFrame(Buffer.from(text));
    if (frame.kind !== 'result' && frame.kind !== 'error') throw new Error('expected an answer');
    return session.answered(frame);
  };
  return { session, held, told, request, notify, answer, onLogLevel };
}

const call = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"a"}}`;
const cancel = (id: string): string =>
  `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"enough"}}`;

describe('requests of one session', () => {
  test('with equal ids get each their own answer, under the id as it was written', async () => {
    const { held, request } = open();
    const [first, second] = [request(call('1.0')), request(call('1.0'))];
    await held.answer(1, { n: 2 });
    await held.answer(0, { n: 1 });
    expect(first?.frames).toEqual(['{"jsonrpc":"2.0","id":1.0,"result":{"n":1}}']);
    expect(second?.frames).toEqual(['{"jsonrpc":"2.0","id":1.0,"result":{"n":2}}']);
  });

  test('are cancelled by their id and no other; what is cancelled is not answered', async () => {
    const { held, request, notify } = open();
    const requests = ['1', '1', '"1"', '2'].map((id) => request(call(id)));
    notify(cancel('1'));
    await Promise.all(requests.slice(0, 2).map(({ done }) => done));
    expect(held.exchanges.map(({ cancellation }) => cancellation.cancelled)).toEqual([true, true, false, false]);
    expect(held.exchanges[0]?.cancellation.reason).toMatchObject({ message: 'enough' });
    expect(requests.map(({ frames }) => frames)).toEqual([[undefined], [undefined], [], []]);
    notify(cancel('1'));
    notify(cancel('7'));
    expect(held.exchanges[2]?.cancellation.cancelled).toBe(false);
  });

  test('are ended when it closes', async () => {
    const { session, held, request } = open();
    const { done, frames } = request(call('1'));
    session.close();
    await done;
    expect(held.exchanges[0]?.cancellation.cancelled).toBe(true);
    expect(frames).toEqual([undefined]);
  });

  test('do not begin it again', () => {
    const { request, held } = open();
    const { frames } = request('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}');
    expect(frames[0]).toContain('"code":-32600');
    expect(held.exchanges).toEqual([]);
  });
});

describe('questions', () => {
  test('of a request go to its own wire, all others to the session; both are answered by their ids', async () => {
    const { session, held, told, request, answer } = open();
    const { frames } = request(call('1'));
    const message = { method: 'roots/list', params: undefined };
    const own = held.exchanges[0]?.ask(message, new Cancellation());
    const stray = session.peer.ask(message, new Cancellation());
    const idOf = (frame = '{}'): string => JSON.stringify(JSON.parse(frame).id);
    expect(answer(`{"jsonrpc":"2.0","id":${idOf(told[0])},"result":{"of":"session"}}`)).toBe(true);
    expect(answer(`{"jsonrpc":"2.0","id":${idOf(frames[0])},"result":{"of":"request"}}`)).toBe(true);
    expect((await own)?.toValue()).toEqual({ of: 'request' });
    expect((await stray).toValue()).toEqual({ of: 'session' });
  });

  test('that it does not take, and what no server may ask, are refused', async () => {
    const { session, held, told, request } = open();
    const { frames } = request(call('1'));
    for (const method of ['sampling/createMessage', 'elicitation/create', 'tools/call', 'initialize', 'nonsense']) {
      const message = { method, params: undefined };
      const refused = { code: -32_601 };
      await expect(held.exchanges[0]?.ask(message, new Cancellation())).rejects.toMatchObject(refused);
      await expect(session.peer.ask(message, new Cancellation())).rejects.toMatchObject(refused);
    }
    expect([frames, told]).toEqual([[], []]);
  });
});

describe('log messages', () => {
  const message = (level: string) => ({
    method: 'notifications/message',
    params: ObjectText.read(Buffer.from(`{"level":"${level}","data":1.0}`)),
  });
  const setLevel = (level: string): string =>
    `{"jsonrpc":"2.0","id":9,"method":"logging/setLevel","params":{"level":"${level}"}}`;

  test('come all until a level is chosen, and from that level then', () => {
    const { session, told, request, onLogLevel } = open();
    session.peer.notify(message('debug'));
    request(setLevel('bogus'));
    session.peer.notify(message('debug'));
    request(setLevel('error'));
    session.peer.notify(message('warning'));
    session.peer.notify(message('error'));
    expect(told.map((frame) => JSON.parse(frame).params.level)).toEqual(['debug', 'debug', 'error']);
    expect(told[0]).toContain('"data":1.0');
    expect(onLogLevel.mock.calls).toEqual([['error']]);
    expect(session.peer.logLevel).toBe('error');
  });

  test('of a request come on its own wire, by the same level', () => {
    const { held, request } = open();
    const { frames } = request(call('1'));
    request(setLevel('error'));
    for (const level of ['info', 'alert']) held.exchanges[0]?.notify(message(level));
    expect(frames).toHaveLength(1);
  });
});

test('notifications that are about none of its requests go to the servers, with bytes of their own', () => {
  const { held, notify } = open();
  notify('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  notify('{"jsonrpc":"2.0","method":"notifications/roots/list_changed","params":{"n":1.0}}');
  expect(held.notified.map(({ method, params }) => `${method} ${params?.toBytes()}`)).toEqual([
    'notifications/roots/list_changed {"n":1.0}',
  ]);
});
