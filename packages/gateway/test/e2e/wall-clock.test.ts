import { afterEach, expect, test, vi } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';

const HOURS_MS = 3_600_000;

afterEach(() => void vi.useRealTimers());

test('a wall clock that is set changes nothing: sessions live, and an open breaker lets a probe through in its own time', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  let isMute = true;
  await using server = await serveScripted(({ era, method }) => {
    if (method === 'server/discover' || method === 'initialize') return introduced(era, { tools: {} });
    if (method === 'tools/list') return { result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } };
    return isMute ? undefined : { result: { content: [{ type: 'text', text: 'fine' }] } };
  });
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', limits: { sessionIdleMs: HOURS_MS } as never },
    mcpServers: {
      one: { url: server.url, callTimeoutMs: 50, maxRetries: 0, breaker: { failures: 2, coolDownMs: 200 } },
    } as never,
  });
  await gateway.started();
  const session = await rawSession((await gateway.listen()).url);
  const call = async () => JSON.stringify((await session('tools/call', { name: 'one__t', arguments: {} })).body);

  await expect.poll(call).toContain('GATEWAY_BREAKER_OPEN');
  isMute = false;
  vi.setSystemTime(Date.now() - 2 * HOURS_MS);
  await expect.poll(call).toContain('fine');
  vi.setSystemTime(Date.now() + 6 * HOURS_MS);
  expect(await call()).toContain('fine');
  expect(gateway.status().sessions).toBe(1);
});
