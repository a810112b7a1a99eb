import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { readHello } from '../../src/protocol/introduction.ts';

const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
const read = (more: Record<string, unknown>) => readHello(ObjectText.from({ ...hello, ...more }));
const long = 'x'.repeat(64 * 1024);

test.each([
  [{ protocolVersion: 1 }, '"protocolVersion", a string'],
  [{ capabilities: [] }, '"capabilities", an object'],
  [{ clientInfo: { name: 'c' } }, '"clientInfo", an object with "name" and "version"'],
  [{ clientInfo: { name: long, version: '1' } }, '"clientInfo" of at most 65536 bytes, got 65561'],
  [{ capabilities: { experimental: { [long]: {} } } }, '"capabilities" of at most 65536 bytes, got'],
])('a handshake that is not in order is told what it lacks (%#)', (more, problem) => {
  expect(() => read(more)).toThrow(`initialize needs ${problem}`);
});

test('a handshake that is in order says who is there', () => {
  const { version, capabilities, clientInfo } = read({});
  expect([version, capabilities.toValue(), clientInfo.toValue()]).toEqual(Object.values(hello));
});
