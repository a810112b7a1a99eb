import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { RawPeer } from '../zoo/raw-peer.ts';

const DECLARED = { capabilities: { tools: {} }, serverInfo: { name: 'both', version: '1' } };
const WHOLE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const ANSWERS: Record<string, ScriptedAnswer> = {
  initialize: { result: { protocolVersion: '2025-11-25', ...DECLARED } },
  'server/discover': { result: { supportedVersions: ['2026-07-28'], ...DECLARED, ...WHOLE } },
  'tools/list': { result: { tools: [], ...WHOLE } },
};

test.each([true, false])(
  'a method that a server of both eras does not declare is answered by it to a legacy client that can be asked: %s',
  async (canBeAsked) => {
    const opened: string[] = [];
    const answer = ({ method, era }: ScriptedRequest): ScriptedAnswer => {
      if (method === 'initialize') opened.push(method);
      return ANSWERS[method] ?? { error: { code: -32_601, message: `${era}: no ${method}` } };
    };
    await using server = await serveScripted(answer);
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { both: { url: server.url } },
    } as never);
    await gateway.started();
    const { url } = await gateway.listen();
    await using client = await RawPeer.open({ kind: 'http', url: `${url}/both` }, 'legacy', canBeAsked);
    await client.request('initialize', client.hello);
    await client.notify('notifications/initialized');
    for (const method of ['resources/list', 'prompts/list', 'resources/read', 'completion/complete']) {
      const { text } = await client.request(method, { uri: 'x:y', ref: { type: 'ref/prompt', name: 'p' } });
      expect(JSON.parse(text)).toEqual({ code: -32_601, message: `legacy: no ${method}` });
    }
    const { kind } = await client.request('logging/setLevel', { level: 'debug' });
    expect(kind).toBe('error');
    expect(opened).toHaveLength(1);
  },
);
