import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { pasteableAddress } from '../../src/cli/pasteable-address.ts';

const facts = { netmask: '', mac: '', cidr: null };
const lo: NetworkInterfaceInfo = { ...facts, address: '127.0.0.1', family: 'IPv4', internal: true };
const link: NetworkInterfaceInfo = { ...facts, address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 2 };
const outward: NetworkInterfaceInfo = { ...facts, address: '192.0.2.7', family: 'IPv4', internal: false };

test.each([
  ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:3000/mcp'],
  ['http://10.0.0.0:3000/mcp', 'http://10.0.0.0:3000/mcp'],
  ['https://0.0.0.0:3921/mcp', 'https://192.0.2.7:3921/mcp'],
  ['http://[::]:3000/mcp', 'http://192.0.2.7:3000/mcp'],
])('%s is pasted as %s', (url, pasted) => {
  expect(pasteableAddress(url, { lo: [lo], eth0: [link, outward] })).toBe(pasted);
});

test('of a machine that others do not reach it is loopback', () => {
  expect(pasteableAddress('http://0.0.0.0:3000/mcp', { lo: [lo] })).toBe('http://127.0.0.1:3000/mcp');
});
