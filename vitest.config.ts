import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Worker threads of the runtime start from source in tests: what was stripped and compiled once is kept for the next.
process.env.NODE_COMPILE_CACHE ??= `${import.meta.dirname}/node_modules/.cache/compile`;

// Siblings resolve to their sources, so a test run needs no build; what starts programs tests the built ones.
const conditions = ['@lockgate/source', 'module', 'node', 'import', 'default'];

const home = import.meta.dirname;
const folders = [
  ...readdirSync(`${home}/packages`).map((name) => `packages/${name}`),
  'examples/deploy',
  'examples/embed',
  'examples/plugins',
  'examples/guards',
  'bench',
];

const properties = `${home}/scripts/seeded-properties.ts`;

export default defineConfig({
  plugins: [
    {
      name: 'properties-on-one-seed',
      enforce: 'pre',
      resolveId: (source, importer) => (source === 'fast-check' && importer !== properties ? properties : null),
    },
  ],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: folders.map((root) => ({
      extends: true as const,
      test: {
        name: JSON.parse(readFileSync(`${home}/${root}/package.json`, 'utf8')).name,
        root: `${home}/${root}`,
        include: ['test/**/*.test.ts'],
        testTimeout: 180_000,
        hookTimeout: 180_000,
        // A second by default, which is a limit on the machine and not on what is tested.
        expect: { poll: { timeout: 90_000 } },
      },
    })),
    // By default one processor is left to vitest: on two of them that is one file at a time, most of which wait for programs.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', `${home}/scripts/closing-line.ts`],
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'lcov'] },
  },
});
