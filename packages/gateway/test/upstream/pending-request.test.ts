import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { openFakeConnection } from './fake-connection.ts';

test("an error with the request's own id is its answer whatever the HTTP status, and others are not disturbed", async () => {
  const { link, connection } = await openFakeConnection('legacy');
  const other = connection.request({ method: 'other', params: undefined }, { cancellation: new Cancellation() });
  const bad = connection.request({ method: 'bad', params: undefined }, { cancellation: new Cancellation() });
  const { id, ticket } = link.request('bad');
  const error = { code: -32_602, message: 'There is no therapy session of this name' };
  ticket?.refused({ status: 404, body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, error })) });
  await expect(bad).rejects.toMatchObject(error);
  expect(connection.endReason).toBeUndefined();
  link.write(`{"jsonrpc":"2.0","id":${link.request('other').id},"result":{"n":1}}`);
  expect((await other).toValue()).toEqual({ n: 1 });
});
