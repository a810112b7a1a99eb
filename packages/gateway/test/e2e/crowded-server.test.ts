import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';

const MAX_PER_CALLER = 64;

test('the longest silent session of a caller gives way where its sessions have all the connections of their own that there may be', async () => {
  const held = Promise.withResolvers<void>();
  await using server = await serveScripted(async ({ era, method, params }) => {
    if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'initialize') return introduced(era, { tools: {} });
    if (method === 'tools/list') return { result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } };
    if ((params.arguments as { wait?: boolean }).wait) await held.promise;
    return { result: { content: [{ type: 'text', text: 'fine' }] } };
  });
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const call = { name: 't', arguments: {} };
  const isFine = { status: 200, body: { result: { content: [{ text: 'fine' }] } } };
  const open = () => rawSession(`${url}/one`, { sampling: {} });

  const waiting = await open();
  const waits = waiting('tools/call', { ...call, arguments: { wait: true } });
  const silent = await Promise.all(Array.from({ length: MAX_PER_CALLER - 1 }, open));
  for (const session of silent) expect(await session('tools/call', call)).toMatchObject(isFine);
  const [first, second] = silent;

  // Two at once: each takes the place of another, and neither that of the one that works.
  const newcomers = [await open(), await open()];
  expect(await Promise.all(newcomers.map((session) => session('tools/call', call)))).toMatchObject([isFine, isFine]);
  expect(gateway.status().sessions).toBe(MAX_PER_CALLER);
  expect([await first?.('tools/call', call), await second?.('tools/call', call)]).toMatchObject([
    { status: 404 },
    { status: 404 },
  ]);
  held.resolve();
  expect(await waits).toMatchObject(isFine);
});
