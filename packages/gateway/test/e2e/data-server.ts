import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gate } from '@lockgate/testkit';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

/** A real MCP server over HTTP. `give` answers the data it is asked for; `read` waits at the gate; `send` writes. `onRead` hears each read. */
export async function serveData() {
  const gate = new Gate();
  const sent: string[] = [];
  const reads = new EventEmitter();
  const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'data', version: '1.0.0' });
    const readOnly = { annotations: { readOnlyHint: true } };
    server.registerTool('give', { ...readOnly, inputSchema: z.object({ data: z.string() }) }, async ({ data }) =>
      text(data),
    );
    server.registerTool('read', { ...readOnly, inputSchema: z.object({}).loose() }, async () => {
      reads.emit('read');
      await gate.pass();
      return text('read');
    });
    server.registerTool('send', { inputSchema: z.object({ data: z.string() }) }, async ({ data }) => {
      sent.push(data);
      return text('sent');
    });
    return server;
  });
  const serve = toNodeHandler(handler);
  const http = createServer((request, response) => void serve(request as Parameters<typeof serve>[0], response));
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    gate,
    onRead: (listener: () => void) => void reads.on('read', listener),
    sent,
    [Symbol.asyncDispose]: async () => {
      gate.open();
      await handler.close();
      http.close();
      http.closeAllConnections();
    },
  };
}
