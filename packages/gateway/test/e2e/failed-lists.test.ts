import { afterEach, expect, test, vi } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';

afterEach(() => vi.useRealTimers());

const ERROR = { code: -32_603, message: 'connect ECONNREFUSED', data: { kept: [1] } };

test('a server that answers one list with an error is served without it, says so itself, and has it once it is there', async () => {
  let isDatabaseUp = false;
  const answers: Record<string, () => ScriptedAnswer> = {
    initialize: () => ({
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: 'database', version: '1' },
      },
    }),
    'tools/list': () => ({ result: { tools: [{ name: 'query', inputSchema: { type: 'object' } }] } }),
    'tools/call': () => ({ result: { content: [{ type: 'text', text: 'called' }] } }),
    'resources/list': () =>
      isDatabaseUp ? { result: { resources: [{ uri: 'db://table', name: 'table' }] } } : { error: ERROR },
    'resources/templates/list': () => ({ result: { resourceTemplates: [] } }),
  };
  const refusal = { error: { code: -32_601, message: 'Method not found' } };
  const answer = ({ method }: ScriptedRequest): ScriptedAnswer => answers[method]?.() ?? refusal;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using server = await serveScripted(answer);
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { database: { url: server.url } },
  } as never);
  await gateway.started();
  const { url } = await gateway.listen();
  const own = await rawSession(`${url}/database`);
  expect((await own('tools/call', { name: 'query' })).body.result).toMatchObject({ content: [{ text: 'called' }] });
  expect((await own('resources/list')).body.error).toEqual(ERROR);
  const all = await rawSession(url);
  expect((await all('resources/list')).body.result).toEqual({ resources: [] });
  isDatabaseUp = true;
  vi.advanceTimersByTime(60_000);
  await expect
    .poll(async () => (await own('resources/list')).body.result)
    .toMatchObject({ resources: [{ uri: 'db://table' }] });
});
