import { Server } from '@modelcontextprotocol/server';

/** More than one answer of the gateway holds. */
export const MANY = 1_001;

const numbers = Array.from({ length: MANY }, (_, index) => index);

/** A server with so many tools, resources and prompts that clients have to ask for a second page. */
export function manyItemsServer(): Server {
  const server = new Server(
    { name: 'many-items', version: '1.0.0' },
    { capabilities: { tools: {}, resources: {}, prompts: {} } },
  );
  server.setRequestHandler('tools/list', () => ({
    tools: numbers.map((number) => ({ name: `tool-${number}`, inputSchema: { type: 'object' as const } })),
  }));
  server.setRequestHandler('resources/list', () => ({
    resources: numbers.map((number) => ({ name: `Item ${number}`, uri: `many://item/${number}` })),
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: numbers.map((number) => ({ name: `Kind ${number}`, uriTemplate: `many://kind/${number}/{id}` })),
  }));
  server.setRequestHandler('prompts/list', () => ({
    prompts: numbers.map((number) => ({ name: `prompt-${number}` })),
  }));
  return server;
}
