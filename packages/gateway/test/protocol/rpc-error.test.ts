import { describe, expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';

const received = (text: string) => RpcError.received(ObjectText.read(Buffer.from(text)));

describe('an error that was received', () => {
  test.each([
    ['{ "code":-32002, "message":"gone","data":{"n":1.0},"more":[]}', -32_002, 'gone'],
    ['{"message":"\\u0041","code":7.0}', 7, 'A'],
  ])('passes as it is: %s', (text, code, message) => {
    const error = received(text);
    expect(error).toMatchObject({ code, message });
    expect(String(error.text.toBytes())).toBe(text);
  });

  test.each([
    ['{}', '{"code":-32603,"message":"An error without a message"}'],
    ['{"data":1.0}', '{"data":1.0,"code":-32603,"message":"An error without a message"}'],
    ['{"code":"x","message":"no"}', '{"code":-32603,"message":"no"}'],
    ['{"code":1.5,"message":"no"}', '{"code":-32603,"message":"no"}'],
    ['{"code":-1,"message":{"a":1}}', '{"code":-1,"message":"An error without a message"}'],
  ])('gets what every reader asks of one: %s', (text, expected) => {
    expect(String(received(text).text.toBytes())).toBe(expected);
  });
});

test('an error of the gateway has data where there is some', () => {
  expect(String(RpcError.of(-32_600, 'no').text.toBytes())).toBe('{"code":-32600,"message":"no"}');
  expect(String(RpcError.of(-32_600, 'no', { a: 1 }).text.toBytes())).toBe(
    '{"code":-32600,"message":"no","data":{"a":1}}',
  );
});
