import { describe, expect, test } from 'vitest';
import { readFrame } from '../../src/protocol/frame/frame.ts';
import {
  classifyNotification,
  classifyRequest,
  type StandardHeaders,
  unsupportedVersion,
} from '../../src/protocol/inbound.ts';

type Json = Record<string, unknown>;

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const MODERN = '2026-07-28';

function request(method: string, params?: Json) {
  const frame = readFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })));
  if (frame.kind !== 'request') throw new Error('expected a request');
  return frame;
}

function notification(params?: Json, method = 'notifications/cancelled') {
  const frame = readFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params })));
  if (frame.kind !== 'notification') throw new Error('expected a notification');
  return frame;
}

const headersOf = (version?: string, method?: string, name?: string): StandardHeaders => ({ version, method, name });

/** `legacy`, `modern`, or the code and status of the refusal. */
function told(inbound: ReturnType<typeof classifyRequest>): string {
  return inbound.era === 'none' ? `${inbound.error.code} ${inbound.status}` : inbound.era;
}

const call = (meta?: Json) => request('tools/call', { name: 'a', ...(meta && { _meta: meta }) });
const good = headersOf(MODERN, 'tools/call', 'a');

describe('a request over HTTP', () => {
  test.each([
    ['without an envelope or header', call(), headersOf(), 'legacy'],
    ['with the header of an earlier revision', call(), headersOf('2025-11-25'), 'legacy'],
    ['with a _meta that claims nothing', call({ progressToken: 1 }), headersOf('2025-11-25'), 'legacy'],
    ['that greets', request('initialize', { protocolVersion: '2025-11-25' }), headersOf(), 'legacy'],
    [
      'that greets and claims badly',
      request('initialize', { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': 1 } }),
      headersOf(),
      'legacy',
    ],
    ['with everything in order', call(ENVELOPE), good, 'modern'],
    [
      'of a method without a name',
      request('tools/list', { _meta: ENVELOPE }),
      headersOf(MODERN, 'tools/list'),
      'modern',
    ],
    [
      'with a name in Base64',
      request('tools/call', { name: 'ä', _meta: ENVELOPE }),
      headersOf(MODERN, 'tools/call', '=?base64?w6Q=?='),
      'modern',
    ],
    ['of a method that nobody knows', request('x/y', { _meta: ENVELOPE }), headersOf(MODERN, 'x/y'), 'modern'],
    [
      'without a name on either side',
      request('tools/call', { _meta: ENVELOPE }),
      headersOf(MODERN, 'tools/call'),
      'modern',
    ],
    [
      'that greets with an envelope in order',
      request('initialize', { _meta: ENVELOPE }),
      headersOf(MODERN, 'initialize'),
      'modern',
    ],
    ['that greets under a modern header', request('initialize', {}), headersOf(MODERN), '-32020 400'],
    ['with a modern header alone', call(), headersOf(MODERN), '-32602 400'],
    ['with a header of a later revision alone', call(), headersOf('2027-01-01'), '-32602 400'],
    ['without the header of the version', call(ENVELOPE), headersOf(undefined, 'tools/call', 'a'), '-32020 400'],
    ['without the header of the method', call(ENVELOPE), headersOf(MODERN, undefined, 'a'), '-32020 400'],
    ['without the header of the name', call(ENVELOPE), headersOf(MODERN, 'tools/call'), '-32020 400'],
    ['with another version in the header', call(ENVELOPE), headersOf('2025-11-25', 'tools/call', 'a'), '-32020 400'],
    ['with another method in the header', call(ENVELOPE), headersOf(MODERN, 'tools/list', 'a'), '-32020 400'],
    ['with another name in the header', call(ENVELOPE), headersOf(MODERN, 'tools/call', 'b'), '-32020 400'],
    ['with a name that is no Base64', call(ENVELOPE), headersOf(MODERN, 'tools/call', '=?base64?x?='), '-32020 400'],
    ['without capabilities', call({ 'io.modelcontextprotocol/protocolVersion': MODERN }), good, '-32602 400'],
    [
      'with a version that is none',
      call({ ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': 1 }),
      good,
      '-32602 400',
    ],
    [
      'of a revision to come',
      call({ ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }),
      headersOf('2027-01-01', 'tools/call', 'a'),
      '-32022 400',
    ],
    [
      'of an earlier revision in an envelope',
      call({ ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2025-11-25' }),
      headersOf('2025-11-25', 'tools/call', 'a'),
      '-32022 400',
    ],
  ])('%s is told by its body, which headers confirm', (_what, frame, headers, expected) => {
    expect(told(classifyRequest(frame, headers))).toBe(expected);
  });

  test('says what is missing in words and as data', () => {
    const found = classifyRequest(call({}), headersOf(MODERN));
    expect(found.era === 'none' && found.error.text.toValue()).toMatchObject({
      message: expect.stringContaining('io.modelcontextprotocol/protocolVersion'),
      data: { envelope: { missing: Object.keys(ENVELOPE) } },
    });
  });
});

describe('a request over a pipe', () => {
  test.each([
    ['without an envelope', call(), 'legacy'],
    ['with one', call(ENVELOPE), 'modern'],
    ['that greets', request('initialize', {}), 'legacy'],
    ['with a bad one', call({ ...ENVELOPE, progressToken: {} }), '-32602 400'],
    [
      'of a revision to come',
      call({ ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }),
      '-32022 400',
    ],
  ])('%s needs no headers', (_what, frame, expected) => {
    expect(told(classifyRequest(frame))).toBe(expected);
  });
});

describe('a notification', () => {
  test.each([
    ['without anything', notification(), headersOf(), 'legacy'],
    ['of an earlier revision', notification(), headersOf('2025-11-25'), 'legacy'],
    ['with a modern header', notification(), headersOf(MODERN), 'modern'],
    ['with a modern claim', notification({ _meta: ENVELOPE }), headersOf(), 'modern'],
    [
      'with a claim of another kind',
      notification({ _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': 1 } }),
      headersOf(),
      '-32602 400',
    ],
    ['with another version in the header', notification({ _meta: ENVELOPE }), headersOf('2025-11-25'), '-32020 400'],
    ['with another method in the header', notification(), headersOf(MODERN, 'tools/call'), '-32020 400'],
  ])('%s is told likewise', (_what, frame, headers, expected) => {
    expect(told(classifyNotification(frame, headers))).toBe(expected);
  });
});

test('the refusal of a revision names those that are spoken', () => {
  expect(unsupportedVersion('2027-01-01').text.toValue()).toMatchObject({
    code: -32_022,
    data: { supported: [MODERN], requested: '2027-01-01' },
  });
  expect(unsupportedVersion(undefined).text.object('data')?.has('requested')).toBe(false);
});
