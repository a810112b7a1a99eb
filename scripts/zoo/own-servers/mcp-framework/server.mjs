// A server of ours on the SDK "mcp-framework", which finds its tools in the folder beside it.
import { MCPServer } from 'mcp-framework';

const port = process.env.PORT;
await new MCPServer({
  name: 'own-mcp-framework',
  version: '1.0.0',
  basePath: import.meta.dirname,
  transport: port ? { type: 'http-stream', options: { port: Number(port) } } : { type: 'stdio' },
}).start();
