import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFrame } from '../../../src/protocol/frame/frame.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { toEventData, toLine } from '../../../src/protocol/frame/one-line.ts';
import {
  type Bytes,
  byteLengthOf,
  writeError,
  writeNotification,
  writeRequest,
  writeResult,
} from '../../../src/protocol/frame/write-frame.ts';
import { anyObjectText } from './any-frame.ts';
import { parseJson } from './json-oracle.ts';

const textOf = (bytes: Bytes): string => String(Buffer.concat(bytes));
const params = ObjectText.read(Buffer.from('{ "a":1.0 }'));
const large = ObjectText.from({ a: 1, text: 'x'.repeat(20_000) });

describe('a frame that is written', () => {
  test('has the ids and bodies that were given, byte by byte', () => {
    const id = Buffer.from('"\\u0061é"');
    const long = Buffer.from(`"${'i'.repeat(100)}"`);
    expect(textOf(writeRequest(id, 'tools/call', params))).toBe(
      '{"jsonrpc":"2.0","id":"\\u0061é","method":"tools/call","params":{ "a":1.0 }}',
    );
    expect(textOf(writeRequest(7, 'é"x'))).toBe('{"jsonrpc":"2.0","id":7,"method":"é\\"x"}');
    expect(textOf(writeNotification('ping', params))).toBe('{"jsonrpc":"2.0","method":"ping","params":{ "a":1.0 }}');
    expect(textOf(writeNotification('ping'))).toBe('{"jsonrpc":"2.0","method":"ping"}');
    expect(textOf(writeResult(long, params))).toBe(`{"jsonrpc":"2.0","id":${long},"result":{ "a":1.0 }}`);
    expect(textOf(writeError(undefined, params))).toBe('{"jsonrpc":"2.0","id":null,"error":{ "a":1.0 }}');
    expect(textOf(writeError(-1, params))).toBe('{"jsonrpc":"2.0","id":-1,"error":{ "a":1.0 }}');
  });

  test('is one buffer where it is small, and else holds the payload without a copy', () => {
    expect(writeResult(1, params.withValue('b', 2))).toHaveLength(1);
    const source = large.toBytes();
    const parts = writeResult(1, ObjectText.read(source));
    expect(parts.some((part) => part.buffer === source.buffer && part.length === source.length)).toBe(true);
    expect(readFrame(Buffer.concat(parts)).byteLength).toBe(byteLengthOf(parts));
  });

  test('keeps one slice of neighbours that were not edited', () => {
    const parts: Buffer[] = [];
    ObjectText.read(Buffer.from('{"a":1, "b":2, "c":3, "d":4}')).without('b').writeTo(parts);
    expect(parts.map(String)).toEqual(['{"a":1', ',', '"c":3, "d":4}']);
  });
});

describe('a frame as one line', () => {
  test('has line breaks between tokens as spaces, separators as escapes, and one line feed', () => {
    const text = Buffer.from('{\r\n"a":"\u2028é\u2029",\n"b":[\n]}\n');
    expect(textOf(toLine([text]))).toBe('{  "a":"\\u2028é\\u2029", "b":[ ]} \n');
    expect(textOf(toEventData([text]))).toBe('{  "a":"\u2028é\u2029", "b":[ ]} ');
    expect(String(text)).toContain('\r\n');
  });

  test('is not copied where nothing has to change', () => {
    for (const part of [Buffer.from('{"a":"’\u2027"}'), large.toBytes()]) {
      expect(toLine([part])[0]).toBe(part);
      expect(toEventData([part])[0]).toBe(part);
    }
  });

  test('finds breaks in long text, whichever comes first', () => {
    const pad = ' '.repeat(400);
    for (const breaks of ['\n', '\r', '\n\r', '\r\n']) {
      expect(textOf(toEventData([Buffer.from(`{${pad}${breaks}${pad}}`)]))).toBe(
        `{${pad}${' '.repeat(breaks.length)}${pad}}`,
      );
    }
  });

  test('means the same, and has no line break inside', () => {
    fc.assert(
      fc.property(anyObjectText(), (text) => {
        const frame = writeResult(1, ObjectText.read(text));
        const line = textOf(toLine(frame));
        expect(line.slice(0, -1)).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(line.endsWith('\n')).toBe(true);
        expect(parseJson(line)).toEqual(parseJson(textOf(frame)));
        const data = textOf(toEventData(frame));
        expect(data).not.toMatch(/[\r\n]/);
        expect(parseJson(data)).toEqual(parseJson(textOf(frame)));
      }),
      { numRuns: 2_000 },
    );
  });
});
