import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tick } from '../../src/console/api.ts';
import type { Visitor } from '../../src/console/api-handler.ts';
import type { Identity } from '../../src/console/console-sessions.ts';
import { EventStreams } from '../../src/console/event-handler.ts';
import { Ring } from '../../src/console/ring.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const OLGA: Identity = { name: 'olga', role: 'viewer', caller: { name: 'olga' } };

/** Somebody who follows ticks, and takes what is written as fast as they like. */
function follower(streams: EventStreams, still: () => Identity | undefined = () => OLGA, lastEventId?: string) {
  const written: string[] = [];
  const response = {
    writableNeedDrain: false,
    destroyed: false,
    writableEnded: false,
    writeHead() {},
    write: (text: string) => void written.push(text),
    end() {
      response.writableEnded = true;
    },
    once() {},
  };
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const visitor: Visitor = { ...OLGA, via: 'session', key: 'one', still };
  streams.handler.handle({
    params: {},
    query: new URLSearchParams('topics=tick'),
    body: undefined,
    visitor,
    request: { headers } as IncomingMessage,
    response: response as unknown as ServerResponse,
  });
  const events = (): string[] => written.splice(0).flatMap((text) => /^event: (\w+)$/m.exec(text)?.[1] ?? []);
  return { events, response };
}

function opened() {
  const ticks = new Ring<Tick>(3);
  const streams = new EventStreams({ boot: 'boot', ticks, log: undefined, calls: undefined, upstreams: () => [] });
  return { ticks, streams, tick: () => void ticks.push({ time: 0 } as Tick) };
}

test('a stream ends within fifteen seconds of the right to it', () => {
  const { streams, tick } = opened();
  let right: Identity | undefined = OLGA;
  const { events, response } = follower(streams, () => right);
  vi.advanceTimersByTime(15_000);
  expect(response.writableEnded).toBe(false);
  right = undefined;
  vi.advanceTimersByTime(15_000);
  tick();
  vi.advanceTimersByTime(1_000);
  expect([events(), response.writableEnded]).toEqual([['end'], true]);
});

test('who reads too slowly is told nothing until it has read, and then of what it missed', () => {
  const { streams, tick } = opened();
  const { events, response } = follower(streams);
  tick();
  vi.advanceTimersByTime(250);
  expect(events()).toEqual(['tick']);
  response.writableNeedDrain = true;
  for (let count = 0; count < 5; count++) tick();
  vi.advanceTimersByTime(1_000);
  expect(events()).toEqual([]);
  response.writableNeedDrain = false;
  vi.advanceTimersByTime(250);
  expect(events()).toEqual(['gap', 'tick', 'tick', 'tick']);
});

test('a stream goes on after the event that was seen last, and says where that is not known', () => {
  const { streams, tick } = opened();
  for (let count = 0; count < 3; count++) tick();
  expect(follower(streams).events()).toEqual([]);
  expect(follower(streams, undefined, 'boot.1.0.0').events()).toEqual(['tick', 'tick']);
  for (const id of ['other.1.0.0', 'boot.x.0.0', 'boot.1', '']) {
    expect(follower(streams, undefined, id).events(), id).toEqual(['gap']);
  }
});
