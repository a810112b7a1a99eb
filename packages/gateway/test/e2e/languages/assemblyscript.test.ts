import { fileURLToPath } from 'node:url';
import { pluginSuite } from './plugin-suite.ts';

const modules = fileURLToPath(new URL('../../../../../examples/plugins/node_modules', import.meta.url));

pluginSuite({
  language: 'assemblyscript',
  missing: undefined,
  module: 'weather.wasm',
  // What npm would install is here already, and a release is tried with the registry: scripts/released.mjs.
  prelude: `npm() { if [ "$1" = install ]; then ln -sfn '${modules}' node_modules; else command npm "$@"; fi; }`,
  panic: {
    file: 'assembly/weather.ts',
    before: "  log('greeting somebody');",
    statement: "  assert(false, 'the tank is empty');",
  },
  told: /\(assembly\/weather\.ts:\d+:\d+\)/,
});
