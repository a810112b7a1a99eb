import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventReader } from '../../src/transport/event-reader.ts';
import { inChunks } from './in-chunks.ts';

function read(chunks: readonly Buffer[], maxBytes = 1_000_000) {
  const events: { type: string; data: string }[] = [];
  const reader = new EventReader({
    onEvent: ({ type, data }) => events.push({ type, data: data.toString() }),
    onTooLong: (max) => events.push({ type: 'too long', data: `${max}` }),
    maxBytes,
  });
  for (const chunk of chunks) reader.append(chunk);
  return { events, lastId: reader.lastId, retryMs: reader.retryMs };
}

const message = (data: string) => ({ type: 'message', data });

test.each([
  ['one event', 'event: message\ndata: {"a":1}\n\n', [message('{"a":1}')]],
  ['one event without a name', 'data: {"a":1}\n\n', [message('{"a":1}')]],
  ['no space after the colon', 'data:{"a":1}\n\n', [message('{"a":1}')]],
  ['one space more after the colon', 'data:  1\n\n', [message(' 1')]],
  ['data on two lines', 'data: {"a":\ndata: 1}\n\n', [message('{"a":\n1}')]],
  ['a line of data without a colon', 'data\ndata: 1\n\n', [message('\n1')]],
  ['two events', 'data: 1\n\ndata: 2\n\n', [message('1'), message('2')]],
  ['an event that is not finished', 'data: 1\n\ndata: 2\n', [message('1')]],
  ['a comment', ': still here\n\ndata: 1\n\n', [message('1')]],
  ['a field nobody knows', 'more: x\ndata: 1\n\n', [message('1')]],
  ['another event', 'event: endpoint\ndata: /x\n\ndata: 1\n\n', [{ type: 'endpoint', data: '/x' }, message('1')]],
  ['a name without data', 'event: other\n\ndata: 1\n\n', [message('1')]],
  ['a byte order mark', '\ufeffdata: 1\n\n', [message('1')]],
  ['ends of lines as Windows has them', 'data: 1\r\ndata: 2\r\n\r\n', [message('1\n2')]],
  ['ends of lines as old Macs had them', 'data: 1\rdata: 2\r\r', [message('1\n2')]],
])('reads a stream with %s', (_what, stream, events) => {
  const bytes = Buffer.from(stream);
  expect(read([bytes]).events).toEqual(events);
  expect(read([...bytes].map((byte) => Buffer.of(byte))).events).toEqual(events);
});

test('however the bytes are cut, and however lines end, the events are the same', () => {
  const data = fc.array(
    fc.json().map((text) => text.replaceAll(/[\r\n]/g, ' ')),
    { minLength: 1, maxLength: 3 },
  );
  const event = fc.record({
    type: fc.option(fc.constantFrom('message', 'endpoint', 'ping'), { nil: undefined }),
    id: fc.option(fc.stringMatching(/^[a-z0-9_ü]{1,8}$/), { nil: undefined }),
    data,
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat({ max: 9 }), { maxLength: 100 }),
      fc.boolean(),
      (events, end, sizes, marked) => {
        const lines = events.flatMap(({ type, id, data: parts }) => [
          ...(type === undefined ? [] : [`event: ${type}`]),
          ...(id === undefined ? [] : [`id: ${id}`]),
          ...parts.map((part) => `data: ${part}`),
          '',
        ]);
        const bytes = Buffer.from((marked ? '\ufeff' : '') + lines.map((line) => line + end).join(''));
        const found = read(inChunks(bytes, sizes));
        expect(found.events).toEqual(
          events.map(({ type = 'message', data: parts }) => ({ type, data: parts.join('\n') })),
        );
        const last = events.findLast(({ id }) => id !== undefined)?.id ?? '';
        expect(Buffer.from(found.lastId, 'latin1').toString()).toBe(last);
      },
    ),
  );
});

describe('what a stream says of itself', () => {
  test.each([
    ['an id', 'id: 7\ndata: 1\n\n', { lastId: '7' }],
    ['an id without data, to go on from', 'id: 7\ndata:\n\n', { lastId: '7' }],
    ['an id with a null character, which is none', 'id: 7\ndata: 1\n\nid: a\0b\ndata: 2\n\n', { lastId: '7' }],
    [
      'an id of an event that did not come whole, which must come again',
      'id: 7\ndata: 1\n\nid: 8\ndata: 2',
      { lastId: '7' },
    ],
    ['a time to wait', 'retry: 10\ndata: 1\n\n', { retryMs: 10 }],
    ['a time that is none', 'retry: soon\ndata: 1\n\n', { retryMs: undefined }],
  ])('is kept: %s', (_what, stream, expected) => {
    expect(read([Buffer.from(stream)])).toMatchObject(expected);
  });
});

describe('an event', () => {
  const tooLong = { type: 'too long', data: '16' };

  test('of which all lines together are too long is told once, and the next is read', () => {
    const bytes = Buffer.from(`${'data: 1234567\n'.repeat(2)}\n${'data: 1234\n'.repeat(9)}\ndata: 1\n\n`);
    const expected = [message('1234567\n1234567'), tooLong, message('1')];
    expect(read([bytes], 16).events).toEqual(expected);
    expect(
      read(
        [...bytes].map((byte) => Buffer.of(byte)),
        16,
      ).events,
    ).toEqual(expected);
  });

  test('of empty lines is too long as well', () => {
    expect(read([Buffer.from(`${'data\n'.repeat(50)}\n`)], 16).events).toEqual([tooLong]);
  });

  test('with a line that is too long has none of its other lines', () => {
    expect(read([Buffer.from(`data: 1\n: ${'x'.repeat(20)}\ndata: 2\n\n`)], 16).events).toEqual([tooLong]);
  });

  test('on one line that is too long is told by both ends of its data where somebody wants them; a comment is not', () => {
    const told: string[] = [];
    const reader = new EventReader({
      onEvent: ({ data }) => told.push(data.toString()),
      onTooLong: () => told.push('too long'),
      onLongEvent: (begin, end) => told.push(`${begin} ... ${end.subarray(-3)}`),
      maxBytes: 16,
    });
    for (const line of ['data: {"id":1,"abc":4567}', `: ${'x'.repeat(20)}`, 'data: 1\ndata: 12345678901234567'])
      reader.append(Buffer.from(`event: message\n${line}\n\ndata: ok\n\n`));
    expect(told).toEqual([' {"id":1,"abc":4567} ... 67}', 'ok', 'too long', 'ok', 'too long', 'ok']);
  });

  test('of many lines holds no chunk of them', () => {
    const found: string[] = [];
    const reader = new EventReader({ onEvent: ({ data }) => found.push(data.toString()), onTooLong: () => {} });
    const chunk = Buffer.from('data:a\n');
    for (let at = 0; at < 100; at++) {
      chunk[5] = 97 + (at % 26);
      reader.append(chunk);
    }
    reader.append(Buffer.from('\n'));
    expect(found[0]?.slice(-5)).toBe('t\nu\nv');
  });

  test('has a name of which no more is kept than of any that is known', () => {
    const [event] = read([Buffer.from(`event: ${'x'.repeat(5_000)}\ndata: 1\n\n`)]).events;
    expect(event).toEqual({ type: 'x'.repeat(256), data: '1' });
  });

  test.each([
    ['is too long for a header', 'x'.repeat(4_097)],
    ['no header can carry', 'a\x01b'],
    ['ends with what no header can carry', 'a\x7f'],
  ])('whose id %s cannot be resumed after, nor can what came before it', (_what, id) => {
    expect(read([Buffer.from(`id: 1\ndata: 1\n\nid: ${id}\ndata: 2\n\n`)])).toMatchObject({
      events: [message('1'), message('2')],
      lastId: '',
    });
  });
});
