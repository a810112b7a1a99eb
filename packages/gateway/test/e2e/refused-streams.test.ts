import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';

const TOOLS = [{ name: 't', inputSchema: { type: 'object' } }];

test('a modern server that refuses to tell of changes is served all the same, on one connection', async () => {
  const seen: string[] = [];
  const answer = ({ era, method }: ScriptedRequest): ScriptedAnswer => {
    if (era === 'legacy') return { error: { code: -32_601, message: 'Method not found' } };
    seen.push(method);
    const capabilities = { tools: { listChanged: true }, resources: {} };
    if (method === 'server/discover') return introduced('modern', capabilities);
    if (method === 'tools/list') return { result: { tools: TOOLS } };
    if (method === 'tools/call') return { result: { content: [] } };
    return { error: { code: -32_601, message: 'Method not found' } };
  };
  await using server = await serveScripted(answer);
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const session = await rawSession(`${(await gateway.listen()).url}/one`);
  await expect.poll(() => seen).toContain('subscriptions/listen');
  expect((await session('tools/call', { name: 't' })).body.result).toEqual({ content: [] });
  const subscribed = await session('resources/subscribe', { uri: 'test://r' });
  expect(subscribed.body.error).toEqual({ code: -32_601, message: 'Method not found' });
  expect((await session('tools/call', { name: 't' })).body.result).toEqual({ content: [] });
  expect(seen.filter((method) => method === 'server/discover')).toHaveLength(1);
  await gateway.close();
});
