import { expect, test } from 'vitest';
import { longAsk } from '../../../src/protocol/frame/long-ask.ts';

/** What is read of a frame of which both ends are known, and nothing between: its id, or what it is not. */
function idOf(frame: string): string {
  const asked = longAsk(Buffer.from(frame.slice(0, 80)), Buffer.from(frame.slice(-80)));
  return asked ? (asked.id?.toString() ?? 'no id') : 'no request';
}

const LONG = `{"message":"${'x'.repeat(200)}"}`;

test.each([
  [`{"jsonrpc":"2.0","id":7,"method":"roots/list","params":${LONG}}`, '7'],
  [`{"method":"sampling/createMessage","params":${LONG},"jsonrpc":"2.0","id":-1}`, '-1'],
  [`{"id":"q 1","params":${LONG},"method":"roots/list","jsonrpc":"2.0"}\r`, '"q 1"'],
  [`{ "params" : ${LONG} , "id" : 0 , "method" : "m" } `, '0'],
  [`{"jsonrpc":"2.0","method":"notifications/message","params":${LONG}}`, 'no id'],
  [`{"method":"notifications/message","params":${LONG},"jsonrpc":"2.0"}`, 'no id'],
  [`{"id":1,"method":"m","params":${LONG},"id":2}`, 'no id'],
  [`{"id":"\\u0031","method":"m","params":${LONG}}`, 'no request'],
])('the id of a request is read at either of its ends: %#', (frame, id) => {
  expect(idOf(frame)).toBe(id);
});

test.each([
  ['an answer', `{"jsonrpc":"2.0","id":7,"result":${LONG}}`],
  ['an answer that has a method', `{"id":7,"method":"m","result":${LONG}}`],
  ['an answer that ends so', `{"result":${LONG},"method":"m"}`],
  ['a member of something', `{"x":{"a":${LONG},"id":7,"method":"m"}}`],
  ['a text that says so', `{"x":"${'x'.repeat(200)},\\"id\\":7,\\"method\\":\\"m\\"}"}`],
  ['a batch', `[{"jsonrpc":"2.0","id":7,"method":"m","params":${LONG}}]`],
  ['nothing', `${'x'.repeat(200)},"id":7,"method":"m"}`],
])('what may be something else is none: %s', (_what, frame) => {
  expect(idOf(frame)).toBe('no request');
});
