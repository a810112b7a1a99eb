import { type GuardGuestOptions, guardGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { connect } from './clients.ts';
import { serveData } from './data-server.ts';
import { call, moduleFiles, servedGateway } from './guarded-files.ts';

// Who is an agent, over HTTP with a real guard: requests with and without a session, changed policies, the operator.

const SECRET = { secrecy: ['private'], integrity: [] };
const OPEN = { secrecy: [], integrity: [] };
const keys = { agent: 'a'.repeat(40), operator: 'o'.repeat(40), part: 'p'.repeat(40) };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** A data server behind a guard that grants what the policy says, an open one, and three callers. */
async function servedAgents(mode: string) {
  await using opening = new AsyncDisposableStack();
  const data = opening.use(await serveData());
  const answers = { label_resource: { resource: { description: '', ...SECRET }, operation: 'read' } };
  const granting: GuardGuestOptions['rules'] = {
    label_agent: [
      { contains: '"grant":true', answer: { agent: SECRET, difc_mode: mode } },
      { contains: '', answer: { agent: OPEN, difc_mode: mode } },
    ],
  };
  const files = moduleFiles({ guard: guardGuest({ answers, rules: granting }) });
  const config = (grant: boolean): LockgateFile => ({
    gateway: {
      listen: '127.0.0.1:0',
      auth: {
        apiKeys: [
          { name: 'agent', key: keys.agent },
          { name: 'operator', key: keys.operator },
          { name: 'part', key: keys.part, servers: ['data'] },
        ],
      },
    },
    guards: { labels: { path: files.guard } },
    mcpServers: {
      data: { url: data.url, guard: 'labels', 'guard-policies': { 'allow-only': { rules: { grant } } } },
      other: { url: data.url, guard: 'labels' },
      web: { url: data.url },
    },
  });
  const served = opening.use(await servedGateway(config(true)));
  const owned = opening.move();
  const reset = async (caller: string, key?: string, method = 'POST') => {
    const url = new URL(`/monitor/reset?caller=${encodeURIComponent(caller)}`, served.url);
    const answer = await fetch(url, { method, ...(key !== undefined && { headers: bearer(key) }) });
    return `${answer.status} ${await answer.text()}`;
  };
  const reload = (grant: boolean) => served.gateway.reconfigure(config(grant));
  const as = (era: 'legacy' | 'modern') => connect(served.url, era, bearer(keys.agent));
  return { as, reset, reload, data, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const give = { data: 'DATA' };
const out = { data: 'out' };

test('what is read without a session cannot be written in one, until the operator gives it up', async () => {
  await using it = await servedAgents('propagate');
  await using session = await it.as('legacy');
  await using modern = await it.as('modern');
  expect(await call(session, 'web__send', out)).toBe('sent');
  expect(await call(modern, 'data__give', give)).toBe('DATA');
  await using later = await it.as('legacy');
  for (const client of [modern, session, later]) {
    const denied = await call(client, 'web__send', out);
    expect(denied).toMatch(/^ERROR Denied: .*carries secrecy.*private/);
    expect(denied).not.toContain('session');
  }
  expect(await it.reset('agent', keys.agent)).toMatch(/^403 .*Nobody gives up labels of its own/);
  expect(await it.reset('agent', keys.part)).toMatch(/^403 .*every server/);
  expect(await it.reset('agent')).toMatch(/^401 /);
  expect(await it.reset('agent', keys.operator, 'GET')).toMatch(/^405 /);
  expect(await it.reset('', keys.operator)).toMatch(/^400 .*caller=/);
  expect(await it.reset('nobody', keys.operator)).toMatch(/^404 /);
  expect(await call(modern, 'web__send', out)).toMatch(/^ERROR Denied/);
  expect(await it.reset('agent', keys.operator)).toBe('204 ');
  for (const client of [modern, session, later]) expect(await call(client, 'web__send', out)).toBe('sent');
});

test('a policy that grants no more holds for sessions that are open, elsewhere too', async () => {
  await using it = await servedAgents('strict');
  await using session = await it.as('legacy');
  expect(await call(session, 'data__give', give)).toBe('DATA');
  expect(await call(session, 'other__give', give)).toBe('DATA');
  await it.reload(false);
  expect(await call(session, 'other__give', give)).toMatch(/^ERROR Denied: .*lacks secrecy: private/);
  expect(await call(session, 'data__give', give)).toMatch(/^ERROR Denied: .*lacks secrecy: private/);
  expect(await call(session, 'web__send', out), 'what it has read').toMatch(/^ERROR Denied: .*private/);
  expect(it.data.sent).toEqual([]);
  await using fresh = await it.as('legacy');
  expect(await call(fresh, 'web__send', out)).toBe('sent');
});
