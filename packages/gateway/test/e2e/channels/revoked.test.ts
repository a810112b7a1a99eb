import { expect, test } from 'vitest';
import { guardedTalk, SECRET } from './guarded-talk.ts';
import { says } from './talking-server.ts';

const MARK = 'MARKED';
const HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  authorization: `Bearer ${'399'.padStart(40, 'k')}`,
};

test.each([false, true])(
  'a stream is resumed with what was granted before (its policy has changed: %s)',
  async (isRevoked) => {
    await using talk = await guardedTalk({
      kinds: {
        secret: ({ tell }) => {
          tell({ method: 'notifications/other', params: { said: MARK } });
          return says('done');
        },
      },
      grants: { strict: SECRET },
      eras: ['legacy'],
    });
    const url = `${talk.url}/strict`;
    let headers: Record<string, string> = HEADERS;
    const post = (message: object): Promise<Response> =>
      fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    const begun = await post({ id: 1, method: 'initialize', params });
    await begun.text();
    headers = { ...HEADERS, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
    await post({ method: 'notifications/initialized' });
    const arguments_ = { name: 'say', arguments: { kind: 'secret' }, _meta: { progressToken: 'p' } };
    const told = await (await post({ id: 2, method: 'tools/call', params: arguments_ })).text();
    expect(told).toContain(MARK);
    const first = /^id: (\S+)$/m.exec(told)?.[1] ?? '';
    if (isRevoked) {
      const { strict } = talk.config.mcpServers as Record<string, object>;
      const policies = { 'allow-only': { rules: { other: true } } };
      const mcpServers = { ...talk.config.mcpServers, strict: { ...strict, 'guard-policies': policies } };
      await talk.gateway.reconfigure({ ...talk.config, mcpServers } as never);
    }
    const resumed = await fetch(url, { headers: { ...headers, 'last-event-id': first } });
    expect(resumed.status).toBe(200);
    expect((await resumed.text()).includes(MARK)).toBe(!isRevoked);
  },
);
