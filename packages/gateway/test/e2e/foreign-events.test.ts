import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { says, serveTalking } from './channels/talking-server.ts';

const keyOf = (name: string): string => name.padStart(40, 'k');

/** A session of the caller with this key, and what it has been answered. */
async function begin(url: string, name: string) {
  let headers: Record<string, string> = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    authorization: `Bearer ${keyOf(name)}`,
  };
  const post = (message: object): Promise<Response> =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
  const begun = await post({ id: 1, method: 'initialize', params });
  await begun.text();
  const session = begun.headers.get('mcp-session-id') ?? '';
  headers = { ...headers, 'mcp-session-id': session };
  await (await post({ method: 'notifications/initialized' })).text();
  return {
    session,
    /** The event ids of a call whose stream has said something before its answer. */
    async call(): Promise<readonly string[]> {
      const meta = { progressToken: 'p' };
      const said = await post({
        id: 2,
        method: 'tools/call',
        params: { name: 'talk__say', arguments: { kind: 'tell' }, _meta: meta },
      });
      const text = await said.text();
      expect(text).toContain(name === 'me' ? 'SECRET' : 'done');
      return [...text.matchAll(/^id: (\S+)$/gm)].map(([, id = '']) => id);
    },
    /** What is answered to a client of this key that goes on after an event, in its own session or another. */
    async resume(lastEventId: string, of = session) {
      const resumed = await fetch(url, {
        headers: { ...headers, 'mcp-session-id': of, 'last-event-id': lastEventId },
      });
      return { status: resumed.status, body: await resumed.text() };
    },
  };
}

test("an event of another's stream is unknown, to another caller and in another session of the same one", async () => {
  await using talking = await serveTalking({
    tell: ({ tell }) => {
      tell({ method: 'notifications/message', params: { level: 'error', data: 'SECRET' } });
      return says('done');
    },
  });
  const apiKeys = ['me', 'you'].map((name) => ({
    name,
    hash: `sha256:${createHash('sha256').update(keyOf(name)).digest('hex')}`,
  }));
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    mcpServers: { talk: { url: talking.url } },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const mine = await begin(url, 'me');
  const [first = '', ...others] = await mine.call();
  expect(others.length).toBeGreaterThan(0);
  const right = await mine.resume(first);
  expect([right.status, right.body.includes('SECRET')]).toEqual([200, true]);
  for (const name of ['me', 'you']) {
    const other = await begin(url, name);
    const unknown = await other.resume('zz_1');
    expect(unknown.status).toBe(400);
    for (const id of [first, ...others]) expect(await other.resume(id)).toEqual(unknown);
  }
  const foreign = await begin(url, 'you');
  const unknown = await foreign.resume(first, '0c0c0c0c-0000-4000-8000-000000000000');
  expect(unknown.status).toBe(404);
  expect(await foreign.resume(first, mine.session)).toEqual(unknown);
});
