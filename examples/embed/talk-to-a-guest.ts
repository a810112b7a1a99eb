// Loads a plugin with nothing but @lockgate/abi and calls one of its tools.
import { readFile } from 'node:fs/promises';
import {
  bindPlugin,
  decodeExecute,
  encodeExecute,
  exchange,
  inspectModule,
  limitMemory,
  requireAbi,
} from '@lockgate/abi';

const bytes = await readFile(new URL(import.meta.resolve('@lockgate/abi/guest/hello.wasm')));
requireAbi(inspectModule(bytes), 'plugin');

const module = await WebAssembly.compile(limitMemory(bytes, { maxBytes: 16 * 1024 * 1024 }));
const { exports } = await WebAssembly.instantiate(module, { env: { host_log: () => undefined } });
const plugin = bindPlugin(exports);
plugin.start?.();

const answer = exchange(plugin, plugin.execute, encodeExecute('greet', { who: 'world' }), decodeExecute);
console.log(answer.data);
