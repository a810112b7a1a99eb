// Serves a plugin over MCP from a program of your own, and another one while it runs.
import { fileURLToPath } from 'node:url';
import { createGateway } from '@lockgate/gateway';

const hello = { path: fileURLToPath(import.meta.resolve('@lockgate/abi/guest/hello.wasm')) };
const config = { gateway: { listen: '127.0.0.1:0' }, plugins: { hello } };
const gateway = await createGateway(config);
const { url } = await gateway.listen(); // clients may connect from here on

await gateway.reconfigure({ ...config, plugins: { hello, sailor: { ...hello, settings: { greeting: 'Ahoy' } } } });
await gateway.started();
const served = gateway.status().upstreams.map(({ name, tools }) => `${tools} of ${name}`);
console.log(`${new URL(url).pathname} serves tools: ${served.join(', ')}`);
await gateway.close();
