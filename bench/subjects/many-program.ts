// many-program.ts <count> [calls]: loads so many worker plugins, calls each once, then calls them in turn and notes how long a call
// of a guest without a thread takes. Prints start, memory and call times; a process of its own, since memory is only told apart that way.
import { createRuntime } from '@lockgate/runtime';
import { readPlugin } from '../guests/example-plugins.ts';

const MIB = 1024 * 1024;
const [count = '1', calls = '0'] = process.argv.slice(2);
const bytes = readPlugin('textkit');
const args = { text: 'Hello there' };
const runtime = await createRuntime();
const first = await runtime.loadPlugin(bytes);
await first.execute('slugify', args);
globalThis.gc?.();
const before = process.memoryUsage.rss();

const started = performance.now();
const plugins = await Promise.all(Array.from({ length: Number(count) }, () => runtime.loadPlugin(bytes)));
await Promise.all(plugins.map((plugin) => plugin.execute('slugify', args)));
const startMs = performance.now() - started;
const mibEach = (process.memoryUsage.rss() - before) / MIB / Number(count);

const takenMs: number[] = [];
for (let call = 0; call < Number(calls); call++) {
  const plugin = plugins[call % plugins.length];
  const called = performance.now();
  await plugin?.execute('slugify', args);
  takenMs.push(performance.now() - called);
}
console.log(JSON.stringify({ startMs, mibEach, takenMs }));
await runtime.close();
