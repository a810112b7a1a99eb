import { once } from 'node:events';
import { createServer } from 'node:http';

/** The other side ends idle connections, long before this one would: a call may be on its way on what this one ends. */
const IDLE = { connection: 'keep-alive', 'keep-alive': 'timeout=10' };

/**
 * An MCP server over HTTP of the 2026 era, without sessions. At `/mcp` it answers; at `/mcp/mute` it takes calls and never
 * answers them.
 */
export async function openWebServer() {
  const http = createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => []);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (id === undefined) return void response.writeHead(202).end();
    if (request.url.endsWith('/mute') && method === 'tools/call') return;
    const result = answers[method]?.(params);
    const body = result
      ? { result: { resultType: 'complete', ...result } }
      : { error: { code: -32_601, message: 'Method not found' } };
    response.writeHead(200, { 'content-type': 'application/json', ...IDLE });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  });
  http.keepAliveTimeout = 3_600_000;
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}

const answers = {
  'server/discover': () => ({
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'web', version: '1' } },
  }),
  'tools/list': () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' } }],
    ttlMs: 0,
    cacheScope: 'private',
  }),
  'tools/call': ({ arguments: { text } }) => ({ content: [{ type: 'text', text }] }),
};
