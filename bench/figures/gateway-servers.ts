import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway } from '@lockgate/gateway';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import type { Figure } from '../figure.ts';

const listen = { listen: '127.0.0.1:0', prefix: 'auto' } as const;

/** A bare server of the SDK with so many tools, in this process. */
async function serveTools(count: number): Promise<{ readonly url: string; close(): void }> {
  const tools = Array.from({ length: count }, (_, i) => ({
    name: `tool_${i}`,
    description: `Tool number ${i}, which does what tools do`,
    inputSchema: { type: 'object', properties: { text: { type: 'string', description: 'What to do it to' } } },
  }));
  const handle = toNodeHandler(
    createMcpHandler(() => {
      const server = new Server({ name: 'tools', version: '1.0.0' }, { capabilities: { tools: {} } });
      server.fallbackRequestHandler = async () => ({ tools });
      return server;
    }),
  );
  const http = createServer((request, response) => void handle(request as never, response));
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  const close = (): void => {
    http.close();
    http.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`, close };
}

/** Milliseconds from making a gateway to the moment when all its servers that can be reached are. */
async function start(url: string, servers: number, hanging: string | undefined): Promise<number> {
  const entries = Array.from({ length: servers }, (_, i) => [`s${i}`, { url }]);
  if (hanging !== undefined) entries.push(['hanging', { url: hanging }]);
  const started = performance.now();
  const gateway = await createGateway({ gateway: listen, mcpServers: Object.fromEntries(entries) });
  const up = (): boolean => gateway.status().upstreams.filter(({ state }) => state === 'running').length === servers;
  while (!up()) await new Promise((resolve) => setTimeout(resolve, 1));
  const elapsed = performance.now() - started;
  await gateway.close();
  return elapsed;
}

function startFigure(servers: number, hangs: boolean): Figure {
  const against = hangs ? `${servers}, none hanging` : '1 server';
  return {
    name: `gateway-servers, a start with ${servers} servers${hangs ? ' and one that hangs' : ''}, against ${against}`,
    unit: 'ms',
    ...(hangs && { aim: { ratio: 1.1, better: 'lower' as const } }),
    setup: async () => {
      const server = await serveTools(10);
      const silent = createServer(() => {});
      silent.listen(0, '127.0.0.1');
      const hanging = (): string => `http://127.0.0.1:${(silent.address() as AddressInfo).port}/mcp`;
      await start(server.url, 1, undefined);
      return {
        baseline: () => start(server.url, hangs ? servers : 1, undefined),
        subject: () => start(server.url, servers, hangs ? hanging() : undefined),
        note: 'servers over HTTP in this process; the time ends when all that answer have been asked for their tools',
        async [Symbol.asyncDispose]() {
          silent.close();
          silent.closeAllConnections();
          server.close();
        },
      };
    },
  };
}

function listFigure(tools: number): Figure {
  return {
    name: `gateway-list of ${tools} tools through the gateway, against the bare SDK server`,
    unit: 'ms',
    setup: async () => {
      const server = await serveTools(tools);
      const gateway = await createGateway({ gateway: listen, mcpServers: { tools: { url: server.url } } });
      await gateway.started();
      const { url } = await gateway.listen();
      const connect = async (to: string): Promise<() => Promise<number>> => {
        const client = new Client({ name: 'bench', version: '1' }, { versionNegotiation: { mode: 'auto' } });
        await client.connect(new StreamableHTTPClientTransport(new URL(to)));
        return async () => {
          const started = performance.now();
          for (let i = 0; i < 10; i++) {
            const { tools: listed } = await client.listTools(undefined, { cacheMode: 'refresh' });
            if (listed.length !== tools) throw new Error(`${listed.length} tools instead of ${tools}`);
          }
          return (performance.now() - started) / 10;
        };
      };
      return {
        baseline: await connect(server.url),
        subject: await connect(url),
        note: 'all pages of the list; a page of the gateway has 1,000 tools',
        async [Symbol.asyncDispose]() {
          await gateway.close();
          server.close();
        },
      };
    },
  };
}

const figures: readonly Figure[] = [
  startFigure(20, false),
  startFigure(100, false),
  startFigure(20, true),
  startFigure(100, true),
  ...[100, 1_000, 5_000].map(listFigure),
];

export default figures;
