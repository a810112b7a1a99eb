import { expect, test } from 'vitest';
import { areAnswers } from '../../src/http/client-answers.ts';
import { readFrames } from '../../src/protocol/frame/frame.ts';

const RESULT = '{"jsonrpc":"2.0","id":"a","result":{}}';
const ERROR = '{"jsonrpc":"2.0","id":"a","error":{"code":-1,"message":"no"}}';
const REQUEST = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

test.each([
  [RESULT, true],
  [ERROR, true],
  [`[${RESULT},${ERROR}]`, true],
  [REQUEST, false],
  [`[${RESULT},${REQUEST}]`, false],
  ['{"jsonrpc":"2.0","method":"notifications/initialized"}', false],
  [`[${RESULT},5]`, false],
])('whether a client only answers: %s', (body, expected) => {
  expect(areAnswers(readFrames(Buffer.from(body)))).toBe(expected);
});
