// An MCP server of the bare SDK with one tool, over HTTP (at a port, or where its first line says) or over its pipe.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const inputSchema = fromJsonSchema<{ text: string }>({
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
});

function make(): McpServer {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  const slugify = ({ text }: { text: string }): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  server.registerTool('slugify', { description: 'Makes a slug', inputSchema }, async (args) => ({
    content: [{ type: 'text', text: slugify(args) }],
  }));
  return server;
}

if (process.argv[2] === 'stdio') serveStdio(make);
else {
  const handle = toNodeHandler(createMcpHandler(make));
  const http = createServer((request, response) => void handle(request as never, response));
  http.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`),
  );
}
