import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { RawPeer } from '../zoo/raw-peer.ts';

test.each([
  ['legacy', 'initialize'],
  ['modern', 'server/discover'],
] as const)(
  'a %s client of one server waits for that server, however slow, and is told what it says of itself',
  async (era, method) => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const hello = {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'slow', version: '7' },
      instructions: 'Wait for me.',
    };
    const answer = async (request: ScriptedRequest): Promise<ScriptedAnswer> => {
      if (request.method === 'tools/list') return { result: { tools: [] } };
      if (request.method !== 'initialize') return { error: { code: -32_601, message: 'Method not found' } };
      reached.resolve();
      await gate.promise;
      return { result: hello };
    };
    await using server = await serveScripted(answer);
    const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { slow: { url: server.url } } };
    await using gateway = await createGateway(config as never, { startWindowMs: 0 });
    await gateway.started();
    const { url } = await gateway.listen();
    await using client = await RawPeer.open({ kind: 'http', url: `${url}/slow` }, era);
    const asked = client.request(method, era === 'legacy' ? client.hello : {});
    await reached.promise;
    gate.resolve();
    const said = JSON.parse((await asked).text);
    expect(said).toMatchObject({ instructions: 'Wait for me.', capabilities: { tools: { listChanged: true } } });
    expect(said.capabilities).not.toHaveProperty('prompts');
    expect(said.serverInfo ?? said._meta['io.modelcontextprotocol/serverInfo']).toEqual(hello.serverInfo);
  },
);
