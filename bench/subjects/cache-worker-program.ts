// cache-worker-program.ts <workload> <directory> main|worker: the first call of a module from the cache, in the thread that
// got it from the cache, or in a worker thread it was posted to. Prints the milliseconds that the call took.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openCache } from '@lockgate/cache';
import { wasmOf, workloads } from './cache-workloads.ts';

if (isMainThread) {
  const [name = '', directory = '', where] = process.argv.slice(2);
  const workload = workloads[name];
  if (!workload) throw new TypeError(`There is no workload "${name}".`);
  await using cache = await openCache({ directory, optimizer: 'off' });
  const module = await cache.compile(wasmOf(workload), { name });
  if (cache.stats().hits !== 1) throw new Error('the module did not come from the cache');
  if (where === 'main') {
    console.log(JSON.stringify(await firstCall(name, module)));
  } else {
    const worker = new Worker(new URL(import.meta.url), { workerData: { name, module } });
    console.log(JSON.stringify((await once(worker, 'message'))[0]));
    await worker.terminate();
  }
} else {
  const { name, module } = workerData as { name: string; module: WebAssembly.Module };
  parentPort?.postMessage(await firstCall(name, module));
}

async function firstCall(name: string, module: WebAssembly.Module): Promise<number> {
  const work = await workloads[name]?.start(module);
  const started = performance.now();
  await work?.();
  return performance.now() - started;
}
