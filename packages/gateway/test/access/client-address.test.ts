import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { clientAddress } from '../../src/access/client-address.ts';

const TRUSTED = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'];

test.each([
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', '6.6.6.6, 198.51.100.1, 192.0.2.1', '198.51.100.1'],
  ['::ffff:10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
  ['fd00::1', '[2001:db8::5]:443', '2001:db8::5'],
  ['10.1.2.3', 'unknown', '10.1.2.3'],
  ['10.1.2.3', '198.51.100.1, _hidden', '10.1.2.3'],
  ['10.1.2.3', undefined, '10.1.2.3'],
  ['10.1.2.3', '10.9.9.9, 10.8.8.8', '10.9.9.9'],
])('a request of %s forwarded for %s comes from %s', (remoteAddress, forwarded, address) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
  expect(clientAddress(request, TRUSTED)).toBe(address);
  expect(clientAddress(request, [])).toBe(remoteAddress.replace('::ffff:', ''));
});
