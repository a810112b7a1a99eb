import { expect, test } from 'vitest';
import { toRpcError } from '../../src/call/outcome.ts';
import { createRedactor } from '../../src/config/secrets.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';

test('an error of a server is told without the token that the server was given, however it is written', () => {
  const redact = createRedactor(['tok/en-1234']);
  const said =
    '{"code":-32001,"message":"bad tok\\/en-1234","data":{"tok/en-1234":["Bearer tok\\u002fen-1234",1,null]}}';
  const told = toRpcError(RpcError.received(ObjectText.read(Buffer.from(said))), redact);
  expect(told.text.toValue()).toEqual({
    code: -32_001,
    message: 'bad ********',
    data: { '********': ['Bearer ********', 1, null] },
  });
  expect(told.message).toBe('bad ********');
});

test('one that quotes no secret passes as the bytes that came', () => {
  const error = RpcError.received(ObjectText.read(Buffer.from('{ "code":1, "message":"\\u0061", "data":[1.0] }')));
  expect(toRpcError(error, createRedactor(['tok/en-1234']))).toBe(error);
});
