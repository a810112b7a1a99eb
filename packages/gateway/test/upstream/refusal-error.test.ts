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
  const found = refusalError({ status, body: Buffer.from(body) }, 's', hasSession);
  expect(found.error).toMatchObject({ code });
  expect(found.isExpired).toBe(code === 'GATEWAY_SESSION_EXPIRED');
});

const ID = 1_048_577;
const answered = (id: unknown, code: number) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'There is no therapy session of this name' } });

test.each([
  [400, answered(ID, -32_602), -32_602],
  [404, answered(ID, -32_602), -32_602],
  [404, answered(ID, -32_601), -32_601],
  [404, answered(ID, 7), 7],
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
    const { error: found } = refusalError({ status, body: Buffer.alloc(0), isGuest: true }, 's', false);
    expect(found.message).toContain(`HTTP status ${status} to POST /mcp`);
    expect(found.message).not.toMatch(/"url"|"headers"/);
  },
);
