import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';

test('forty calls at once of modern clients that can be asked are answered on eight connections to a legacy server', async () => {
  let sessions = 0;
  let running = 0;
  const eight = Promise.withResolvers<void>();
  await using server = await serveScripted(async ({ era, method }) => {
    if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'initialize') {
      sessions++;
      return introduced(era, { tools: {} });
    }
    if (method === 'tools/list') return { result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } };
    if (++running === 8) eight.resolve();
    await eight.promise;
    return { result: { content: [{ type: 'text', text: 'fine' }] } };
  });
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  await using client = await connect(`${url}/one`, 'modern', {}, { elicitation: {} });
  const calls = Array.from({ length: 40 }, async () => textOf(await client.callTool({ name: 't', arguments: {} })));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['fine']));
  // One more is the connection that all other clients share.
  expect(sessions).toBeLessThanOrEqual(9);
});
