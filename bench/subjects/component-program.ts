// component-program.ts <component> <directory | "none"> <lingerMs>: loads a component and calls its tool `greet` once. With a lingerMs it stays until
// the optimiser has left an entry, at most so long. Prints how long it took, in ms.
import { openCache } from '@lockgate/cache';
import { createRuntime } from '@lockgate/runtime';

const [component = '', directory = 'none', lingerMs = '0'] = process.argv.slice(2);
const started = performance.now();
const cache = await openCache(directory === 'none' ? {} : { directory });
const runtime = await createRuntime({ cache });
const plugin = await runtime.loadPlugin(component);
const { data } = await plugin.execute('greet', { name: 'World' });
const took = performance.now() - started;
if (!data.includes('World')) throw new Error(`it answered ${data}`);
const until = performance.now() + Number(lingerMs);
while (performance.now() < until && cache.stats().writes === 0)
  await new Promise((resolve) => setTimeout(resolve, 100));
console.log(took);
await runtime.close();
await cache.close();
