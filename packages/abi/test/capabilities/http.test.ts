import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeHttpRequest,
  decodeHttpResponse,
  encodeHttpFailure,
  encodeHttpResponse,
  MessageError,
} from '../../src/index.ts';

const request = (fields: object): ReturnType<typeof decodeHttpRequest> =>
  decodeHttpRequest(JSON.stringify({ method: 'GET', url: 'https://example.com/', ...fields }));

describe('HTTP requests of a plugin', () => {
  test('keep method, url, headers and body; control headers are read and taken out', () => {
    expect(
      request({
        method: 'POST',
        headers: { Accept: 'text/plain', 'X-Raw-Body': '', 'x-h2c': '0', 'X-HOST-TIMEOUT-SECONDS': '5' },
        body: 'hi',
      }),
    ).toEqual({
      method: 'POST',
      url: 'https://example.com/',
      headers: { Accept: 'text/plain' },
      body: 'hi',
      rawBody: true,
      h2c: true,
      timeoutSeconds: 5,
    });
  });

  test('need only a URL', () => {
    expect(decodeHttpRequest('{"url":"http://a/"}')).toEqual({
      method: 'GET',
      url: 'http://a/',
      headers: {},
      rawBody: false,
      h2c: false,
      timeoutSeconds: 60,
    });
  });

  test.each([
    ['1', 1],
    ['+7', 7],
    ['300', 300],
    ['301', 300],
    ['99999999999999999999', 300],
    ['0', 60],
    ['-5', 60],
    ['1.5', 60],
    ['1e2', 60],
    ['soon', 60],
    ['', 60],
    [' 5', 60],
  ])('a timeout of %j is %d seconds', (value, seconds) => {
    expect(request({ headers: { 'X-Host-Timeout-Seconds': value } }).timeoutSeconds).toBe(seconds);
  });

  test('a base64 body is bytes', () => {
    expect(request({ body_base64: 'AP9/' }).body).toEqual(Uint8Array.of(0x00, 0xff, 0x7f));
    expect(request({ body: 'text', body_base64: '' }).body).toBe('text');
  });

  test.each([
    ['', ''],
    ['{}', 'url'],
    ['{"url":"u","headers":{"a":1}}', 'headers.a'],
    ['{"url":"u","body":{}}', 'body'],
    ['{"url":"u","body_base64":"***"}', 'body_base64'],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeHttpRequest(text)).toThrow(expect.objectContaining({ code: 'ABI_BAD_MESSAGE', field }));
  });

  test('any text is a request or a bad message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeHttpRequest(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
        }
      }),
    );
  });
});

describe('HTTP answers to a plugin', () => {
  const response = { status: 200, headers: { 'content-type': 'x/y' }, body: Uint8Array.of(0x61, 0xff) };

  test('have the body as text', () => {
    expect(JSON.parse(encodeHttpResponse(response, { rawBody: false }))).toEqual({
      status: 200,
      headers: { 'content-type': 'x/y' },
      body: 'a\ufffd',
    });
  });

  test('have the body as base64 when asked to, of any size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (body) => {
        const json = JSON.parse(encodeHttpResponse({ ...response, body }, { rawBody: true }));
        expect(Object.keys(json)).toEqual(['status', 'headers', 'body_base64']);
        expect(Buffer.from(json.body_base64, 'base64').equals(body)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('say why there is none with status 0, and of which kind that is', () => {
    const failure = encodeHttpFailure('response-timeout', 'timed out');
    expect(JSON.parse(failure)).toEqual({ status: 0, headers: {}, body: 'timed out', failure: 'response-timeout' });
    expect(decodeHttpResponse(failure)).toMatchObject({ status: 0, failure: 'response-timeout' });
    expect(decodeHttpResponse('{"status":0,"headers":{},"failure":"no such kind"}').failure).toBe('other');
    expect(decodeHttpResponse(encodeHttpResponse(response, { rawBody: true })).failure).toBeUndefined();
  });
});
