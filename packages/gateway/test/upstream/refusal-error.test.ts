import { expect, test } from 'vitest';
import { ownError, refusalError } from '../../src/upstream/refusal-error.ts';

const error = (code: unknown, message = 'no') => JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

test.each([
  [404, true, error(-32_600), 'GATEWAY_SESSION_EXPIRED'],
  [404, true, error(-32_000), 'GATEWAY_SESSION_EXPIRED'],
  [404, true, error(-32_001, 'Session not found'), 'GATEWAY_SESSION_EXPIRED'],
  [404, true, error(-32_601, 'Method not found'), 'GATEWAY_SESSION_EXPIRED'],
  [404, true, '', 'GATEWAY_SESSION_EXPIRED'],
  [404, true, '<html>', 'GATEWAY_SESSION_EXPIRED'],
  [400, true, error(-32_000, 'Bad Request: No valid session ID provided'), 'GATEWAY_SESSION_EXPIRED'],
  [400, true, 'invalid Session', 'GATEWAY_SESSION_EXPIRED'],
  [400, true, error(-32_602, 'Invalid params'), -32_602],
  [400, true, '', 'GATEWAY_UPSTREAM_REFUSED'],
  [500, true, error(-32_603, 'the session store is down'), -32_603],
  [404, false, error(-32_601, 'Method not found'), -32_601],
  [404, false, '', 'GATEWAY_UPSTREAM_REFUSED'],
  [400, false, error(-32_000, 'No valid session ID'), -32_000],
  [401, false, 'who are you?', 'GATEWAY_UPSTREAM_REFUSED'],
  [502, false, error('x'), 'GATEWAY_UPSTREAM_REFUSED'],
  [502, false, error(1.5), 'GATEWAY_UPSTREAM_REFUSED'],
  [200, false, '{"jsonrpc":"2.0","id":1,"result":{}}', 'GATEWAY_UPSTREAM_REFUSED'],
])('HTTP %i (with a session: %s) and the body %j are %s', (status, hasSession, body, code) => {
  const found = refusalError({ status, body: Buffer.from(body) }, 's', { hasSession, era: undefined });
  expect(found.error).toMatchObject({ code });
  expect(found.isExpired).toBe(code === 'GATEWAY_SESSION_EXPIRED');
});

test.each([
  ['legacy', 400, error(-32_022), true],
  ['modern', 400, error(-32_022), true],
  ['legacy', 400, error(-32_020), true],
  ['modern', 400, error(-32_020), false],
  ['modern', 400, error(-32_000, 'Bad Request: Server not initialized'), true],
  ['modern', 400, error(-32_600, 'Bad Request: Missing session ID'), true],
  ['modern', 400, 'Bad Request: Unsupported protocol version (supported versions: 2025-11-25)', true],
  ['legacy', 400, error(-32_000, 'Bad Request: Unsupported protocol version: 2025-11-25'), true],
  ['modern', 400, error(-32_602, 'The server is not initialized'), false],
  ['modern', 400, error(-32_000, 'no such therapy session'), false],
  ['modern', 500, error(-32_022), false],
  ['modern', 404, '', false],
] as const)(
  'a %s server without a session that answers %i with %j has been replaced: %s',
  (era, status, body, isExpired) => {
    const refusal = { status, body: Buffer.from(body) };
    expect(refusalError(refusal, 's', { hasSession: false, era }).isExpired).toBe(isExpired);
    expect(refusalError(refusal, 's', { hasSession: false, era: undefined }).isExpired).toBe(false);
  },
);

test.each([
  [429, '30', 'wait 30 s, or ask'],
  [503, '5', 'wait 5 s; if that does not help'],
  [429, 'Fri, 27 Nov 2026 07:28:00 GMT', 'wait, or ask'],
  [500, '5', 'it has failed itself; look at its log'],
])('HTTP %i with Retry-After %s says how long to wait', (status, after, words) => {
  const refusal = { status, headers: { 'retry-after': after }, body: Buffer.alloc(0) };
  expect(refusalError(refusal, 's', { hasSession: false, era: undefined }).error.message).toContain(words);
});

const NEW = { hasSession: false, era: undefined };

const ID = 1_048_577;
const answered = (id: unknown, code: number) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'There is no therapy session of this name' } });

test.each([
  [400, answered(ID, -32_602), -32_602],
  [404, answered(ID, -32_602), -32_602],
  [404, answered(ID, -32_601), -32_601],
  [404, answered(ID, 7), 7],
  [400, answered(ID, -32_022), undefined],
  [400, answered(ID, -32_000), undefined],
  [404, answered(ID, -32_001), undefined],
  [404, answered(ID, -32_600), undefined],
  [404, answered(null, -32_602), undefined],
  [404, answered(1, -32_602), undefined],
  [404, answered(String(ID), -32_602), undefined],
  [404, answered('server-error', -32_602), undefined],
  [404, '<html>', undefined],
])('HTTP %i with the body %j answers its request with %s', (status, body, code) => {
  expect(ownError({ status, body: Buffer.from(body) }, ID)?.code).toBe(code);
});

test.each([200, 204, 302, 401, 403, 404, 429])(
  'HTTP %i of a guest does not lead to an address or headers, which it has not',
  (status) => {
    const { error: found } = refusalError({ status, body: Buffer.alloc(0), isGuest: true }, 's', NEW);
    expect(found.message).toContain(`HTTP status ${status} to POST /mcp`);
    expect(found.message).not.toMatch(/"url"|"headers"/);
  },
);
