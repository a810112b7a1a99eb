// Loads so many plugins in a process of its own and prints what that took; memory is only told apart that way.
import { createRuntime, type Isolation } from '@lockgate/runtime';
import { readPlugin } from '../guests/example-plugins.ts';

const [count = '1', isolation = 'worker'] = process.argv.slice(2);
const bytes = readPlugin('textkit');
globalThis.gc?.();
const before = process.memoryUsage.rss();
const started = performance.now();
const runtime = await createRuntime({ isolation: isolation as Isolation });
const plugins = await Promise.all(Array.from({ length: Number(count) }, () => runtime.loadPlugin(bytes)));
await Promise.all(plugins.map((plugin) => plugin.execute('slugify', { text: 'Hello there' })));
const startMs = performance.now() - started;
console.log(JSON.stringify({ startMs, rssMiB: (process.memoryUsage.rss() - before) / (1024 * 1024) }));
await runtime.close();
