// cache-parent-program.ts <workload> <directory> alone|beside: the median call, in milliseconds, of a process that has
// settled, alone or while its optimiser works in the background.
import { openCache } from '@lockgate/cache';
import { wasmOf, workloads } from './cache-workloads.ts';

const WARM_UP_MS = 15_000;
const MEASURE_MS = 5_000;
const FEWEST_CALLS = 3;

const [name = '', directory = '', how] = process.argv.slice(2);
const workload = workloads[name];
if (!workload) throw new TypeError(`There is no workload "${name}".`);
const cache = await openCache({ directory, optimizer: how === 'beside' ? 'all' : 'off' });
const module = await cache.compile(wasmOf(workload), { name });
const work = await workload.start(module);
const beside = (): boolean => cache.stats().optimizer.state === 'running';

const settled = performance.now() + WARM_UP_MS;
while (performance.now() < settled && !beside()) await once();
while (how === 'beside' && !beside()) await once();
const times: number[] = [];
const end = performance.now() + MEASURE_MS;
while (performance.now() < end && (how === 'alone' || beside())) times.push(await once());
await cache.close();
if (times.length < FEWEST_CALLS) throw new Error('the optimiser was done before anything could be measured beside it');
console.log(JSON.stringify(times.toSorted((a, b) => a - b)[times.length >> 1]));
process.exit();

async function once(): Promise<number> {
  const started = performance.now();
  await work();
  const took = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, took)); // half idle, so that the optimiser is let in
  return took;
}
