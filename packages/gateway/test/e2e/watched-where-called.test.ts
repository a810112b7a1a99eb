import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const URI = 'test://r';
const UPDATED = { method: 'notifications/resources/updated', params: { uri: URI } };

let server: Awaited<ReturnType<typeof serveScripted>>;
let gateway: Gateway;
let url: string;
const seen: string[] = [];
const watching = new Set<string>();

/** A server of both eras that has subscriptions in the legacy one only; the tool `touch` tells the session that called it. */
function answer({ era, method, session = '', tellSession }: ScriptedRequest): ScriptedAnswer {
  const capabilities = { tools: {}, resources: era === 'legacy' ? { subscribe: true } : {} };
  if (method === 'server/discover' || method === 'initialize') return introduced(era, capabilities);
  if (method === 'tools/list') return { result: { tools: [{ name: 'touch', inputSchema: { type: 'object' } }] } };
  if (method === 'resources/list') return { result: { resources: [{ uri: URI, name: 'r' }] } };
  if (method === 'resources/templates/list') return { result: { resourceTemplates: [] } };
  if (method === 'subscriptions/listen') return undefined;
  seen.push(`${era} ${method}`);
  if (method === 'resources/subscribe') watching.add(session);
  if (method === 'resources/unsubscribe') watching.delete(session);
  if (method !== 'tools/call') return { result: {} };
  if (watching.has(session)) tellSession(UPDATED);
  return { result: { content: [] } };
}

beforeEach(async () => {
  seen.length = 0;
  watching.clear();
  server = await serveScripted(answer);
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterEach(async () => {
  await gateway.close();
  await server[Symbol.asyncDispose]();
});

test.each([
  ['that can be asked nothing', {}],
  ['that can be asked', { elicitation: {} }],
])('a legacy client %s watches in the session that its calls go to', async (_kind, capabilities) => {
  await using client = await connect(url, 'legacy', {}, capabilities);
  const updates: string[] = [];
  const updated = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    updates.push(params.uri);
    updated.resolve();
  });
  await client.subscribeResource({ uri: URI });
  await client.callTool({ name: 'touch', arguments: {} });
  await updated.promise;
  await client.unsubscribeResource({ uri: URI });
  await expect.poll(() => watching.size).toBe(0);
  await client.callTool({ name: 'touch', arguments: {} });
  expect(updates).toEqual([URI]);
  expect(seen).toEqual([
    'legacy resources/subscribe',
    'legacy tools/call',
    'legacy resources/unsubscribe',
    'legacy tools/call',
  ]);
});
