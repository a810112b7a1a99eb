import { afterEach, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const URI = 'test://r';
const UPDATED = { method: 'notifications/resources/updated', params: { uri: URI } };

const CHANGED = { method: 'notifications/tools/list_changed' };

let server: Awaited<ReturnType<typeof serveScripted>>;
let gateway: Gateway;
let url: string;
let isOld = false;
const seen: string[] = [];
const watching = new Set<string>();

/** A server of both eras, or of the legacy one, that has subscriptions in the legacy one only; the tool `touch` tells the session that called it. */
function answer({ era, method, params, session = '', tellSession }: ScriptedRequest): ScriptedAnswer {
  if (isOld && era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
  const capabilities = { tools: { listChanged: true }, resources: era === 'legacy' ? { subscribe: true } : {} };
  if (method === 'server/discover' || method === 'initialize') return introduced(era, capabilities);
  if (method === 'tools/list') return { result: { tools: [{ name: 'touch', inputSchema: { type: 'object' } }] } };
  if (method === 'resources/list') return { result: { resources: [{ uri: URI, name: 'r' }] } };
  if (method === 'resources/templates/list') return { result: { resourceTemplates: [] } };
  if (method === 'subscriptions/listen') return undefined;
  seen.push(`${era} ${method}`);
  if (method === 'resources/subscribe') watching.add(session);
  if (method === 'resources/unsubscribe') watching.delete(session);
  if (method !== 'tools/call') return { result: {} };
  if (params.arguments && 'tools' in (params.arguments as object)) tellSession(CHANGED);
  if (watching.has(session)) tellSession(UPDATED);
  return { result: { content: [] } };
}

const open = async (): Promise<void> => {
  seen.length = 0;
  watching.clear();
  server = await serveScripted(answer);
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  ({ url } = await gateway.listen());
};

afterEach(async () => {
  await gateway.close();
  await server[Symbol.asyncDispose]();
});

test.each([
  ['that can be asked nothing', {}],
  ['that can be asked', { elicitation: {} }],
])('a legacy client %s watches in the session that its calls go to', async (_kind, capabilities) => {
  isOld = false;
  await open();
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

test('a modern client that can be asked hears of changes that its calls make at a legacy server', async () => {
  isOld = true;
  await open();
  await using client = await connect(url, 'modern', {}, { elicitation: {} });
  await client.callTool({ name: 'touch', arguments: {} });
  const [updated, changed] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated.resolve(params.uri));
  client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve());
  await client.listen({ resourceSubscriptions: [URI], toolsListChanged: true });
  await client.callTool({ name: 'touch', arguments: { tools: true } });
  expect(await updated.promise).toBe(URI);
  await changed.promise;
  await using other = await connect(url, 'modern', {}, { sampling: {} });
  expect(await other.callTool({ name: 'touch', arguments: {} })).toMatchObject({ content: [] });
});
