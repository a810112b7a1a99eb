import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import LongestFirst from './scripts/longest-first.ts';

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

/**
 * Tests that change nothing which others see, so that they need no process of their own: to start one and load modules
 * into it takes half of their time. One of them puts something in the place of a module. Where `npm test` runs all; else each package is one project.
 */
const SHARING: Readonly<Record<string, string>> =
  process.env.LOCKGATE_WHOLE_SUITE === 'yes'
    ? {
        'packages/abi': 'test/**/*.test.ts',
        'packages/gateway':
          'test/{access,answers,call,catalog,clients,config,consent,http,limits,observe,processes,protocol,replicas,session,upstream}/**/!(nearest).test.ts',
      }
    : {};

const properties = `${home}/scripts/seeded-properties.ts`;

const project = (root: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    root: `${home}/${root}`,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A second by default, which is a limit on the machine and not on what is tested.
    expect: { poll: { timeout: 90_000 } },
    ...test,
  },
});

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
    projects: folders.flatMap((root) => {
      const { name } = JSON.parse(readFileSync(`${home}/${root}/package.json`, 'utf8'));
      const sharing = SHARING[root];
      if (sharing === undefined) return [project(root, { name, include: ['test/**/*.test.ts'] })];
      return [
        project(root, { name, include: ['test/**/*.test.ts'], exclude: [sharing] }),
        project(root, { name: `${name}, sharing modules`, include: [sharing], isolate: false }),
      ];
    }),
    // By default one processor is left to vitest: on two of them that is one file at a time, most of which wait for programs.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', `${home}/scripts/closing-line.ts`],
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'lcov'] },
  },
});
