import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const URI = 'test://r';

/** A server of the legacy era that says what it has, and is silent from then on. */
async function serveSilent() {
  const heard: string[] = [];
  let onHeard: (method: string) => void = () => {};
  const hear = (method: string): void => {
    heard.push(method);
    onHeard(method);
  };
  const server = await serveScripted(({ era, method }) => {
    hear(method);
    if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'initialize') return introduced(era, { tools: {}, resources: { subscribe: true } });
    if (method === 'tools/list') return { result: { tools: [] } };
    if (method === 'resources/list') return { result: { resources: [{ uri: URI, name: 'r' }] } };
    return method === 'resources/templates/list' ? { result: { resourceTemplates: [] } } : undefined;
  }, hear);
  const asked = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      onHeard = (method) => method === wanted && resolve();
    });
  return { ...server, heard, asked };
}

test.each([
  ['that can be asked nothing', {}],
  ['that can be asked', { elicitation: {} }],
])('a legacy client %s is told when its server does not answer a subscription', async (_kind, capabilities) => {
  await using server = await serveSilent();
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url, callTimeoutMs: 200 } } as never,
  });
  await gateway.started();
  await using client = await connect(`${(await gateway.listen()).url}/one`, 'legacy', {}, capabilities);
  await expect(client.subscribeResource({ uri: URI })).rejects.toThrow(/did not answer "resources\/subscribe"/);
  // It may ask again, and the server is asked again.
  await expect(client.subscribeResource({ uri: URI })).rejects.toThrow(/did not answer "resources\/subscribe"/);
  expect(server.heard.filter((method) => method === 'resources/subscribe')).toHaveLength(2);
});

test('a subscription that its client cancels is cancelled at the server', async () => {
  await using server = await serveSilent();
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  await using client = await connect(`${(await gateway.listen()).url}/one`, 'legacy');
  const leaving = new AbortController();
  const asked = server.asked('resources/subscribe');
  const subscribing = client.subscribeResource({ uri: URI }, { signal: leaving.signal });
  await asked;
  const cancelled = server.asked('notifications/cancelled');
  leaving.abort();
  await expect(subscribing).rejects.toThrow();
  await cancelled;
});
