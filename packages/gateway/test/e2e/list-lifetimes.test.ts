import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawRequest, rawSession } from '../fixtures/raw-request.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';

const LIFETIME = { ttlMs: 60_000, cacheScope: 'public' };
const META = { 'io.modelcontextprotocol/serverInfo': { name: 'scripted', version: '1' } };

/** A gateway before a server of the modern era alone, whose list of prompts says how long it holds. */
async function openGateway() {
  const server = await serveScripted(({ era, method }) => {
    if (era === 'legacy') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'server/discover') return introduced('modern', { prompts: {} });
    return { result: { resultType: 'complete', prompts: [{ name: 'p' }], ...LIFETIME, _meta: META } };
  });
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('how long a modern server says that its list holds reaches modern clients', async () => {
  await using gateway = await openGateway();
  const { body } = await rawRequest(`${gateway.url}/one`, 'prompts/list');
  expect(body.result).toEqual({ resultType: 'complete', prompts: [{ name: 'p' }], ...LIFETIME, _meta: META });
});

test('what only the modern era says beside a list does not reach legacy clients', async () => {
  await using gateway = await openGateway();
  const session = await rawSession(`${gateway.url}/one`);
  const { body } = await session('prompts/list');
  expect(body.result).toEqual({ prompts: [{ name: 'p' }] });
});
