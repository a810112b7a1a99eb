// Run by every Node that the package supports, against the built package. Prints what happened, as JSON.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRuntime } from '@lockgate/runtime';

const [plugin, guard] = readFileSync(0, 'utf8')
  .split('\n')
  .map((line) => Buffer.from(line, 'base64'));
const server = createServer((_request, response) => response.end('hello'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const message = `http://127.0.0.1:${server.address().port}/`;
const http = { allow: ['127.0.0.1'] };

const runtime = await createRuntime();
const outcome = { node: process.versions.node };
for (const isolation of ['worker', 'inline']) {
  outcome[isolation] = await runtime
    .loadPlugin(plugin, { isolation, http, callTimeoutMs: 5_000 })
    .then(async (loaded) => {
      const { data } = await loaded.execute('fetch-url', { message });
      return JSON.parse(data.slice('response:'.length)).body;
    })
    .catch((error) => error.code);
}
const loaded = await runtime.loadGuard(guard, { name: 'guard', callBackend: async () => new Uint8Array() });
outcome.guard = (await loaded.labelResource({ tool: 'read', args: {} })).operation;
await runtime.close();
server.close();
server.closeAllConnections();
console.log(JSON.stringify(outcome));
