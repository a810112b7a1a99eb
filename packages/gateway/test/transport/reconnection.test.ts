import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventReader } from '../../src/transport/event-reader.ts';
import type { HttpHandler } from '../../src/transport/http-client.ts';
import { Reconnection, type ReconnectionOptions } from '../../src/transport/reconnection.ts';
import { TooLongAnswerError } from '../../src/transport/server-link.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A stream of what belongs to no request, which this server answers each time; and the pauses between the times. */
function opened(
  serve: (handler: HttpHandler, time: number) => void,
  resumeAfter?: EventReader,
  more: Partial<ReconnectionOptions> = {},
) {
  const times: number[] = [];
  const aborted: number[] = [];
  const onGivenUp = vi.fn<(cause: Error) => void>();
  const stream = new Reconnection({
    send: (_headers, handler) => {
      const time = times.push(Date.now());
      queueMicrotask(() => serve(handler, time));
      return () => void aborted.push(time);
    },
    onFrame: () => {},
    isDone: () => false,
    resumeAfter,
    onGivenUp,
    ...more,
  });
  stream.open();
  const pauses = () => times.slice(1).map((time, at) => time - (times[at] ?? 0));
  return { stream, pauses, aborted, onGivenUp };
}

test.each([
  ['is given up at once where nobody listens any more', false, 1],
  ['is tried again where the connection broke', true, 5],
])('a stream that is resumed %s', async (_, reached, times) => {
  const resumeAfter = new EventReader({ onEvent: () => {}, onTooLong: () => {} });
  resumeAfter.append(Buffer.from('id: 1\ndata: {}\n\n'));
  const send = vi.fn((handler: HttpHandler) => handler.onFailure(new Error('no'), reached));
  const { onGivenUp } = opened(send, resumeAfter);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(send).toHaveBeenCalledTimes(times);
  expect(onGivenUp).toHaveBeenCalledOnce();
});

const EVENTS = { 'content-type': 'text/event-stream' };
const says = (handler: HttpHandler, text: string): void => {
  handler.onHead(200, EVENTS);
  handler.onData(Buffer.from(text));
};

describe('the pause before a stream is opened again', () => {
  test('has a least length, and grows up to five seconds where nothing was told', async () => {
    const { stream, pauses } = opened((handler) => {
      says(handler, 'id: 1\nretry: 0\ndata: \n\n');
      handler.onEnd();
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(pauses()).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    stream.end();
  });

  test('is the one that the server asks for where that is longer, or something was told', async () => {
    const { stream, pauses } = opened((handler, time) => {
      says(handler, `id: 1\nretry: ${time < 3 ? 150 : 0}\ndata: {}\n\n`);
      handler.onEnd();
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(pauses()).toEqual([150, 150, 100, 100]);
    stream.end();
  });

  test('holds for a stream that does not come up again, too', async () => {
    const { stream, pauses } = opened((handler, time) => {
      if (time === 1) {
        says(handler, 'id: 1\nretry: 0\ndata: \n\n');
        handler.onEnd();
      } else handler.onFailure(new Error('connect ECONNREFUSED'), false);
    });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(pauses()).toEqual([100, 200, 400, 800]);
    stream.end();
  });
});

test('a refusal for now is not read, and the stream is asked for again', async () => {
  const { stream, pauses, aborted } = opened((handler) => handler.onHead(503, {}));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([pauses(), aborted]).toEqual([[1_000], [1, 2]]);
  stream.end();
});

/** A part of an event that is too long after five of them. */
const PART = Buffer.from(`data: ${'x'.repeat(16 * 1024 * 1024)}\n`);

test('an event that is too long ends the stream that goes on with a call, which is told that the answer is too long', () => {
  const { stream, aborted, onGivenUp } = opened(() => {});
  stream.onHead(200, EVENTS);
  for (let at = 0; at < 6 && aborted.length === 0; at++) stream.onData(PART);
  expect(aborted).toEqual([1]);
  expect(onGivenUp.mock.calls[0]?.[0]).toBeInstanceOf(TooLongAnswerError);
});

test('an event that is too long is passed over on the stream of what belongs to no request', () => {
  const onTooLong = vi.fn();
  const onFrame = vi.fn();
  const { stream, aborted, onGivenUp } = opened(() => {}, undefined, { onTooLong, onFrame });
  stream.onHead(200, EVENTS);
  for (let at = 0; at < 5; at++) stream.onData(PART);
  stream.onData(Buffer.from('\ndata: 1\n\n'));
  expect(onTooLong).toHaveBeenCalledOnce();
  expect(onFrame).toHaveBeenCalledExactlyOnceWith(Buffer.from('1'));
  expect([aborted, onGivenUp.mock.calls]).toEqual([[], []]);
  stream.end();
});
