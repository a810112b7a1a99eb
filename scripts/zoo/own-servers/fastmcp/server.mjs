// A server of ours on the SDK "fastmcp" for TypeScript.
import { FastMCP, UserError } from 'fastmcp';
import { z } from 'zod';

const server = new FastMCP({ name: 'own-fastmcp', version: '1.0.0', instructions: 'A server of the zoo' });
server.addTool({
  name: 'add',
  description: 'Adds',
  parameters: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }, { log, reportProgress }) => {
    log.info('adding', { a });
    await reportProgress({ progress: 1, total: 2 });
    return String(a + b);
  },
});
server.addTool({
  name: 'fail',
  description: 'Fails',
  execute: async () => {
    throw new UserError('failed é');
  },
});
server.addResource({ uri: 'own://note', name: 'note', mimeType: 'text/plain', load: async () => ({ text: 'a note' }) });
server.addPrompt({
  name: 'greet',
  description: 'Greets',
  arguments: [{ name: 'whom', required: true }],
  load: async ({ whom }) => `hello ${whom} é`,
});
const port = process.env.PORT;
await server.start(
  port ? { transportType: 'httpStream', httpStream: { port: Number(port) } } : { transportType: 'stdio' },
);
