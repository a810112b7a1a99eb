import { expect, test } from 'vitest';
import { longAnswerId } from '../../../src/protocol/frame/long-answer-id.ts';

/** The id of a frame of which both ends are known, and nothing between. */
const idOf = (frame: string): string | undefined =>
  longAnswerId(Buffer.from(frame.slice(0, 60)), Buffer.from(frame.slice(-60)))?.toString();

const LONG = `{"content":"${'x'.repeat(200)}"}`;

test.each([
  [`{"jsonrpc":"2.0","id":7,"result":${LONG}}`, '7'],
  [`{"id":7,"jsonrpc":"2.0","error":${LONG}}`, '7'],
  [`{"result":${LONG},"jsonrpc":"2.0","id":12}`, '12'],
  [`{ "jsonrpc" : "2.0", "result" : ${LONG} , "id" : 12, "jsonrpc" : "2.0" } \r`, '12'],
  [`{"result":${LONG},"id":12}`, '12'],
  [`{"jsonrpc":"2.0","id":"lockgate-7","result":${LONG}}`, '"lockgate-7"'],
  [`{"result":${LONG},"id":"lockgate-a-7"}`, '"lockgate-a-7"'],
])('the id of an answer is read at either of its ends: %#', (frame, id) => {
  expect(idOf(frame)).toBe(id);
});

test.each([
  ['a request', `{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":${LONG}}`],
  ['a request with its id at the end', `{"jsonrpc":"2.0","method":"roots/list","params":${LONG},"id":7}`],
  ['a member of a result', `{"jsonrpc":"2.0","result":{"a":${LONG},"id":7}}`],
  ['a text that says so', `{"jsonrpc":"2.0","result":{"a":"${'x'.repeat(200)},\\"id\\":7}"}}`],
  ['a batch', `[{"jsonrpc":"2.0","id":7,"result":${LONG}}]`],
  ['a text with an escape', `{"jsonrpc":"2.0","id":"\\u0037","result":${LONG}}`],
  ['a fraction', `{"jsonrpc":"2.0","result":${LONG},"id":7.5}`],
  ['no answer', `${'x'.repeat(200)},"id":7}`],
])('what may be something else has none: %s', (_what, frame) => {
  expect(idOf(frame)).toBeUndefined();
});
