import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';

test('a modern server that never answers a legacy handshake keeps no legacy client of many servers waiting', async () => {
  await using server = await serveScripted(({ era, method }) => {
    if (era === 'legacy') return undefined;
    if (method === 'server/discover') return introduced(era, { tools: {} });
    return { result: { resultType: 'complete', tools: [{ name: 't', inputSchema: { type: 'object' } }] } };
  });
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url, connectTimeoutMs: 3_600_000 } } as never,
  });
  await gateway.started();
  const session = await rawSession((await gateway.listen()).url);
  const { result } = (await session('tools/list')).body;
  expect(result).toMatchObject({ tools: [{ name: 'one__t' }] });
});
