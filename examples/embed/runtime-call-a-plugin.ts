// Loads a plugin, calls one of its tools, closes it.
import { createRuntime } from '@lockgate/runtime';

const runtime = await createRuntime();
const plugin = await runtime.loadPlugin(new URL(import.meta.resolve('@lockgate/abi/guest/hello.wasm')));

const answer = await plugin.execute('greet', { who: 'world' }, { signal: AbortSignal.timeout(5_000) });
console.log(answer.isError ? `the tool failed: ${answer.data}` : answer.data);

await plugin.close();
await runtime.close();
