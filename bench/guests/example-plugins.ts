import { readFileSync } from 'node:fs';

/** An example plugin as it was built from source; `npm run bench` builds it first. */
export function readPlugin(name: 'textkit' | 'http-json'): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../examples/plugins/dist/${name}.wasm`, import.meta.url)));
}
