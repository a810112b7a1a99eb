import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UpstreamLostError } from '../../src/errors.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import { ListenStream } from '../../src/upstream/listen-stream.ts';

type Asked = PromiseWithResolvers<ObjectText> & { readonly take: (message: Message) => boolean };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream on a connection whose requests the test answers. */
function open() {
  const asked: Asked[] = [];
  const connection: { endReason: string | undefined } & Pick<Connection, 'request'> = {
    endReason: undefined,
    request: (_message, { take = () => false }) => {
      const request = { ...Promise.withResolvers<ObjectText>(), take };
      asked.push(request);
      return request.promise;
    },
  };
  const heard: string[] = [];
  const onMissed = vi.fn();
  const onMessage = ({ method }: Message): void => void heard.push(method);
  const stream = new ListenStream({ connection, filter: { toolsListChanged: true }, onMessage, onMissed });
  const acknowledge = (notifications: object = { toolsListChanged: true }): void => {
    const params = ObjectText.from({ notifications });
    asked.at(-1)?.take({ method: 'notifications/subscriptions/acknowledged', params });
  };
  return { stream, connection, asked, heard, onMissed, acknowledge };
}

const CHANGED = { method: 'notifications/tools/list_changed', params: undefined };

test('a stream that has ended is asked for again, and what was missed is told', async () => {
  const { asked, heard, onMissed, acknowledge } = open();
  acknowledge();
  asked[0]?.resolve(ObjectText.EMPTY);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(2);
  expect(onMissed).not.toHaveBeenCalled();
  acknowledge();
  expect(onMissed).toHaveBeenCalledOnce();
  asked[1]?.take(CHANGED);
  expect(heard).toEqual([CHANGED.method]);
});

test('a stream that breaks is asked for again, later each time, until one has lived', async () => {
  const { asked, acknowledge } = open();
  const fail = (): void => asked.at(-1)?.reject(new UpstreamLostError({ server: 's', method: 'm' }));
  fail();
  await vi.advanceTimersByTimeAsync(1_000);
  fail();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(3);
  acknowledge();
  await vi.advanceTimersByTimeAsync(30_000);
  fail();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(4);
});

test('a server that refuses is not asked again', async () => {
  const { stream, asked } = open();
  const refusal = RpcError.of(-32_601, 'Method not found');
  asked[0]?.reject(refusal);
  await expect(stream.acknowledged).rejects.toBe(refusal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
});

test.each([
  ['that tells of nothing', ({ acknowledge }: ReturnType<typeof open>) => acknowledge({})],
  [
    'whose connection has ended',
    ({ connection }: ReturnType<typeof open>) => Object.assign(connection, { endReason: 'gone' }),
  ],
  ['that is closed', ({ stream }: ReturnType<typeof open>) => stream.close()],
])('a stream %s is not asked for again', async (_kind, arrange) => {
  const opened = open();
  arrange(opened);
  opened.asked[0]?.resolve(ObjectText.EMPTY);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened.asked).toHaveLength(1);
});

test('a server that never acknowledges is believed to listen after a while', async () => {
  const { stream } = open();
  await vi.advanceTimersByTimeAsync(5_000);
  await expect(stream.acknowledged).resolves.toBeUndefined();
});
