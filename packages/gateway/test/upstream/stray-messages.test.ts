import { describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { openFakeConnection } from './fake-connection.ts';

const call = (name: string): Message => ({ method: 'tools/call', params: ObjectText.from({ name }) });
const live = () => ({ cancellation: new Cancellation() });

describe('an answer', () => {
  test.each<[string, (id: number) => string | Buffer]>([
    [
      'is not UTF-8',
      (id) => Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"a":"`), Buffer.from([0xff, 0x22])]),
    ],
    ['is nested too deep', (id) => `{"result":{"a":${'['.repeat(300)}${']'.repeat(300)}},"jsonrpc":"2.0","id":${id}}`],
    ['holds NaN', (id) => `{"jsonrpc":"2.0","result":{"id":99,"a":NaN},"id": ${id} }`],
    ['holds a raw control character', (id) => `{"jsonrpc":"2.0","id":${id},"result":{"a":"\u0007"}}`],
    ['has a comma too many', (id) => `{"jsonrpc":"2.0","result":{"a":[1,]},"id":${id}}`],
    ['is cut off', (id) => `{"id":${id},"result":{"content":[{"type":"te`],
  ])('that %s fails its request at once, and says what is wrong', async (_, answer) => {
    const { link, connection } = await openFakeConnection('legacy');
    const [bad, other] = [connection.request(call('a'), live()), connection.request(call('b'), live())];
    const [id, otherId] = link.sent.map(({ frame }) => frame.id as number) as [number, number];
    expect(link.events?.frame(Buffer.from(answer(id) as string))).toBe(true);
    const message = expect.stringMatching(/no JSON-RPC message\. The frame .*, at byte \d+\. Whether/);
    await expect(bad).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_FAULT', message });
    link.write(`{"jsonrpc":"2.0","id":${otherId},"result":{}}`);
    expect((await other).toValue()).toEqual({});
  });

  test.each<[string, (id: number) => string]>([
    ['is a question', (id) => `{"id":${id},"method":"roots/list","result":NaN}`],
    ['has two ids', (id) => `{"id":${id},"ID":${id},"result":NaN}`],
    ['has the id in its result only', (id) => `{"result":{"id":${id},"text":"\\",\\"id\\":${id}","a":NaN}}`],
    ['has an id that is cut off', (id) => `{"result":{},"id":${id}`],
    ['has a string as id', (id) => `{"result":NaN,"id":"${id}"}`],
    ['is no object', (id) => `[NaN,{"result":{},"id":${id}}]`],
  ])('that is no frame and %s fails nothing', async (_, text) => {
    const { link, connection } = await openFakeConnection('legacy');
    const asked = connection.request(call('a'), live());
    const { id } = link.request('tools/call');
    expect(link.events?.frame(Buffer.from(text(id)))).toBe(false);
    link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    expect((await asked).toValue()).toEqual({});
  });

  test('that nobody waits for is told once a second as well', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { link, told } = await openFakeConnection('legacy');
      for (let id = 70; id < 170; id++) link.write(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
      link.events?.ended('it ended');
      const said = told.onError.mock.calls.map(([{ message }]) => message);
      expect(said).toEqual([
        'the server answered a request that nobody waits for',
        '99 more frames or lines were no messages, or answers to nothing',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that is no frame and names no request is told once a second, with how many there were', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { link, told } = await openFakeConnection('legacy');
      for (let i = 0; i < 25; i++) for (const text of ['hello', '{"a":', '[INFO] up', '[1, 2]']) link.write(text);
      expect(told.onError).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(1_000);
      link.write('[');
      link.write('[');
      link.events?.ended('it ended');
      const said = told.onError.mock.calls.map(([{ message }]) => message);
      expect(said).toEqual([
        'The frame does not begin as an object, at byte 0.',
        '99 more frames or lines were no messages, or answers to nothing',
        'The frame does not begin as an object, at byte 0.',
        '1 more frames or lines were no messages, or answers to nothing',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});
