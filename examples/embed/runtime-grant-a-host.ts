// A plugin reaches the hosts it was granted and no others; a pool of instances lets its calls wait side by side.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRuntime } from '@lockgate/runtime';

const server = createServer((request, response) => response.end(JSON.stringify({ path: request.url, items: [1, 2] })));
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;

const runtime = await createRuntime();
const plugin = await runtime.loadPlugin(new URL('../plugins/dist/http-json.wasm', import.meta.url), {
  http: { allow: ['127.0.0.1'] },
  settings: { base_url: `http://127.0.0.1:${port}` },
  instances: { max: 4 },
});

const paths = ['a', 'b', 'c', 'd'];
const answers = await Promise.all(
  paths.map((url) => plugin.execute('fetch_json', { url, fields: ['path', 'items[-1]'] })),
);
console.log(answers.map((answer) => answer.data).join('\n'));

const refused = await plugin.execute('fetch_json', { url: 'http://169.254.169.254/latest/meta-data' });
console.log(refused.isError, refused.data);

await runtime.close();
server.close();
