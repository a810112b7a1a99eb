// Serves a plugin over MCP from a program of your own, and another one while it runs.
import { fileURLToPath } from 'node:url';
import { createGateway } from '@lockgate/gateway';

const plugin = (name: string) => ({ path: fileURLToPath(new URL(`../plugins/dist/${name}.wasm`, import.meta.url)) });
const config = { gateway: { listen: '127.0.0.1:0' }, plugins: { textkit: plugin('textkit') } };
await using gateway = await createGateway(config);
const { url } = await gateway.listen(); // clients may connect from here on

await gateway.reconfigure({ ...config, plugins: { ...config.plugins, greeter: plugin('hello') } });
await gateway.started();
const served = gateway.status().upstreams.map(({ name, tools }) => `${tools} of ${name}`);
console.log(`${new URL(url).pathname} serves tools: ${served.join(', ')}`);
