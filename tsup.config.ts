import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'tsup';

// Each package runs `tsup --config ../../tsup.config.ts`. Entries land flat in dist/, whatever room they live in:
// the public ones (index, vitest, node-test, thread-time), programs (main) and files that Node starts by path (*-entry).
const files = globSync(['src/{index,vitest,node-test,thread-time}.ts', 'src/**/main.ts', 'src/**/*-entry.ts']);

export default defineConfig({
  entry: Object.fromEntries(files.map((file) => [basename(file, '.ts'), file])),
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  dts: false, // tsc writes the declarations: tsup's own need a compiler API that TypeScript 7 does not have
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false, // node:sea, node:sqlite and node:test exist under no other name
});
