import { expect, test } from 'vitest';
import { type HttpAnswer, ResponseReader } from '../../load/response-reader.ts';

const COUNTED = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nMcp-Session-Id: s1\r\n\r\nhello\r\n\r\nyo';
const CHUNKED =
  'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\nb\r\n 0\r\n\r\nworld\r\n0\r\n\r\n';
const EMPTY = 'HTTP/1.1 202 Accepted\r\nConnection: keep-alive\r\n\r\n';

function read(reader: ResponseReader, pieces: readonly string[]): (HttpAnswer | undefined)[] {
  return pieces.map((piece) => reader.push(Buffer.from(piece, 'latin1')));
}

test.each([
  ['of a given length', COUNTED, 200, 'hello\r\n\r\nyo'],
  ['in chunks', CHUNKED, 404, 'hello\n 0\r\n\r\nworld'],
  ['without a body', EMPTY, 202, ''],
])('an answer %s is complete with its last byte, wherever it was cut', (_, text, status, body) => {
  const reader = new ResponseReader();
  for (let first = 1; first < text.length - 1; first++) {
    for (const second of [first + 1, text.length - 1]) {
      const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)].filter(
        (piece) => piece !== '',
      );
      const answers = read(reader, pieces);
      expect(answers.slice(0, -1).every((answer) => answer === undefined)).toBe(true);
      expect(answers.at(-1)).toMatchObject({ status });
      expect(answers.at(-1)?.body.toString()).toBe(body);
    }
  }
});

test('the head is there in lower case, and bytes behind the body are a fault', () => {
  const reader = new ResponseReader();
  expect(read(reader, [COUNTED])[0]?.head).toContain('\r\nmcp-session-id: s1');
  expect(() => read(reader, [`${COUNTED}x`])).toThrow('longer than its content-length');
});
