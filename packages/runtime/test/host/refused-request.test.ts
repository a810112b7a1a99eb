import { expect, test } from 'vitest';
import { AddressPolicy } from '../../src/host/address-policy.ts';
import { refusedRequest } from '../../src/host/refused-request.ts';

const policy = new AddressPolicy(['granted.test']);
const answerTo = (fields: object): string | undefined => refusedRequest(policy, JSON.stringify(fields));

test('whether a request is granted is found by its address, without a look at its body', () => {
  const unread = { body_base64: 'this is no base64!', headers: { a: 1 } };
  expect(answerTo({ url: 'http://granted.test/', ...unread })).toBeUndefined();
  expect(answerTo({ url: 'http://other.test/', ...unread })).toMatch(/"status":0.*other\.test/);
});

test.each([
  ['no address', {}, /url/],
  ['one that cannot be read', { url: 'http://' }, /the URL cannot be read/],
])('a request with %s is answered at once', (_what, fields, reason) => {
  expect(answerTo(fields)).toMatch(reason);
});
