import { ToolIndex } from '../../packages/gateway/src/catalog/search/tool-index.ts';
import type { Comparison, Run } from '../figure.ts';
import { quantile } from '../statistics.ts';
import { changedTool, manyQueries, manyTools } from '../subjects/many-tools.ts';

const SIZES = {
  subject: [5_000, 100],
  '1,000 tools of 20 servers': [1_000, 20],
  '100 tools of 2 servers': [100, 2],
} as const;

const UPDATES = 50;

/** Builds an index, changes tools of it one at a time, and searches in it. */
function runOf(count: number, servers: number, searches: number): Run {
  const tools = manyTools(count, servers);
  const queries = manyQueries(searches);
  let version = 0;
  return async () => {
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    const index = new ToolIndex();
    index.update(tools);
    const built = performance.now() - start;
    globalThis.gc?.();
    const memory = process.memoryUsage().heapUsed - before;
    let now: typeof tools = tools;
    const updates = Array.from({ length: UPDATES }, (_, at) => {
      const place = (at * 97) % count;
      version++;
      now = now.map((tool, i) => (i === place ? changedTool(tool, version) : tool));
      return timed(() => index.update(now));
    });
    const times = queries.map((query) => timed(() => index.find(query)));
    const [update, search] = [updates.sort((a, b) => a - b), times.sort((a, b) => a - b)];
    return {
      build: built,
      update: quantile(update, 0.5),
      p50: quantile(search, 0.5),
      p99: quantile(search, 0.99),
      memory: memory / 2 ** 20,
    };
  };
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const figures: readonly Comparison[] = [
  {
    name: 'tool-search in 5,000 tools of 100 servers',
    measures: [
      { key: 'build', title: 'build of the index', unit: 'ms' },
      { key: 'update', title: 'update after one change', unit: 'ms' },
      { key: 'p50', title: 'search p50', unit: 'ms' },
      { key: 'p99', title: 'search p99', unit: 'ms' },
      { key: 'memory', title: 'memory', unit: 'MiB' },
    ],
    async setup({ quick }) {
      const searches = quick ? 40 : 400;
      const { subject, ...references } = SIZES;
      return {
        subject: runOf(...subject, searches),
        references: Object.fromEntries(
          Object.entries(references).map(([name, [count, servers]]) => [name, runOf(count, servers, searches)]),
        ),
        note: 'tools are made of words of the trade; an update compares all tools and reads the one that changed',
        [Symbol.asyncDispose]: async () => {},
      };
    },
  },
];

export default figures;
