import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'tsup';
import { loadedBefore } from './scripts/loaded-before.ts';

// Each package runs `tsup --config ../../tsup.config.ts`. Entries land flat in dist/, whatever room they live in:
// the public ones (index, vitest, node-test, thread-time, without-guests), programs (main) and files that Node starts by path (*-entry).
const files = globSync([
  'src/{index,vitest,node-test,thread-time,without-guests}.ts',
  'src/**/main.ts',
  'src/**/*-entry.ts',
]);

// Of its files a start reads a quarter when they are bundled: the rest are its words in sixty languages (docs/rationale/gateway.md).
const BUNDLED = 'zod';
const ITS_FILES = new RegExp(`/node_modules/${BUNDLED}/.*\\.js$`);
const licence = `node_modules/${BUNDLED}/LICENSE`;

export default defineConfig({
  entry: Object.fromEntries(files.map((file) => [basename(file, '.ts'), file])),
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  dts: false, // tsc writes the declarations: tsup's own need a compiler API that TypeScript 7 does not have
  sourcemap: true,
  clean: true,
  noExternal: [BUNDLED],
  esbuildPlugins: [
    loadedBefore(files),
    {
      name: 'latin-1',
      setup: (build) =>
        build.onLoad({ filter: ITS_FILES }, ({ path }) => ({ contents: escaped(readFileSync(path, 'utf8')) })),
    },
  ],
  onSuccess: async () => {
    if (existsSync(licence)) writeFileSync('dist/licenses.txt', `${BUNDLED}\n\n${readFileSync(licence, 'utf8')}`);
  },
  removeNodeProtocol: false, // node:sea, node:sqlite and node:test exist under no other name
});

/** One character beyond Latin-1, in a comment even, makes V8 keep a whole file at two bytes a character. */
function escaped(source: string): string {
  return source.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
