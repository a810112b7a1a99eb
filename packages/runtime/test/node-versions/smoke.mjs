// Run by every Node that the package supports, against the built packages. Prints what happened, as JSON.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCache, openCache } from '@lockgate/cache';
import { createRuntime } from '@lockgate/runtime';

const [waiting, plain, guard] = readFileSync(0, 'utf8')
  .split('\n')
  .map((line) => Buffer.from(line, 'base64'));
const server = createServer((_request, response) => response.end('hello'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const message = `http://127.0.0.1:${server.address().port}/`;
const http = { allow: ['127.0.0.1'] };
const directory = mkdtempSync(join(tmpdir(), 'lockgate-smoke-'));

const cache = await openCache({ directory });
const runtime = await createRuntime({ cache });
const outcome = { node: process.versions.node };
for (const isolation of ['worker', 'inline']) {
  const load = (bytes) => runtime.loadPlugin(bytes, { isolation, http, callTimeoutMs: 5_000 });
  const fetched = load(waiting).then(async (loaded) => {
    const { data } = await loaded.execute('fetch-url', { message });
    return JSON.parse(data.slice('response:'.length)).body;
  });
  const echoed = load(plain).then(async (loaded) => (await loaded.execute('echo', { message: 'hello' })).data);
  const labelled = runtime
    .loadGuard(guard, { name: 'guard', isolation, callBackend: async () => new Uint8Array() })
    .then(async (loaded) => (await loaded.labelResource({ tool: 'read', args: {} })).operation);
  const [fetches, echoes, labels] = await Promise.allSettled([fetched, echoed, labelled]);
  outcome[isolation] = {
    fetches: fetches.value ?? fetches.reason.code,
    echoes: echoes.value ?? echoes.reason.message,
    labels: labels.value ?? labels.reason.message,
    ...(fetches.reason && { sentence: fetches.reason.message }),
  };
}
await runtime.close();
await cache.close();
outcome.unreadable = (await describeCache(directory)).unreadable;
rmSync(directory, { recursive: true });
server.close();
server.closeAllConnections();
console.log(JSON.stringify(outcome));
