// A server of ours on the SDK "tmcp".
import { ZodJsonSchemaAdapter } from '@tmcp/adapter-zod';
import { StdioTransport } from '@tmcp/transport-stdio';
import { McpServer } from 'tmcp';
import { z } from 'zod';

const server = new McpServer(
  { name: 'own-tmcp', version: '1.0.0', description: 'A server of the zoo' },
  {
    adapter: new ZodJsonSchemaAdapter(),
    capabilities: { tools: { listChanged: true }, prompts: {}, resources: {}, logging: {} },
  },
);
server.tool({ name: 'add', description: 'Adds', schema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
  content: [{ type: 'text', text: String(a + b) }],
}));
server.tool({ name: 'fail', description: 'Fails' }, () => {
  throw new Error('failed é');
});
server.prompt({ name: 'greet', description: 'Greets' }, () => ({
  messages: [{ role: 'user', content: { type: 'text', text: 'hello é' } }],
}));
server.resource({ name: 'note', description: 'A note', uri: 'own://note' }, (uri) => ({
  contents: [{ uri, text: 'a note' }],
}));
new StdioTransport(server).listen();
