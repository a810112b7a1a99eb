import MiniSearch from 'minisearch';
import { ToolIndex } from '../../../src/catalog/search/tool-index.ts';
import { type SearchedTool, toolText } from '../../../src/catalog/search/tool-text.ts';
import type { WrittenQuery } from './tool-corpus.ts';

/** Results that count. */
const AT = 5;

type Find = (query: string) => readonly SearchedTool[];

/** The share of queries that find one of their tools among the first five, and the queries that do not. */
export interface Recall {
  readonly share: number;
  readonly missed: readonly string[];
}

/** The tool search, and what it is measured against, each over the same tools. */
export function searchesOver(tools: readonly SearchedTool[]): Readonly<Record<'ours' | 'bm25' | 'substrings', Find>> {
  const index = new ToolIndex();
  index.update(tools);
  const plain = new MiniSearch<{ id: number }>({ fields: ['name', 'title', 'server', 'description', 'parameters'] });
  plain.addAll(tools.map((tool, id) => ({ id, ...toolText(tool) })));
  const texts = tools.map((tool) => Object.values(toolText(tool)).join(' ').toLowerCase());
  return {
    ours: (query) => index.find(query),
    bm25: (query) => plain.search(query).flatMap(({ id }) => tools[id as number] ?? []),
    substrings: (query) => {
      const words = query.toLowerCase().split(/\s+/);
      return tools
        .map((tool, at) => ({ tool, hits: words.filter((word) => texts[at]?.includes(word)).length }))
        .filter(({ hits }) => hits > 0)
        .sort((one, other) => other.hits - one.hits)
        .map(({ tool }) => tool);
    },
  };
}

export function recallOf(find: Find, queries: readonly WrittenQuery[]): Recall {
  const missed = queries.filter(({ query, expected }) => {
    const found = find(query).slice(0, AT);
    return !found.some(({ server, item }) => expected.includes(`${server}/${item.text('name')}`));
  });
  return { share: 1 - missed.length / queries.length, missed: missed.map(({ query }) => query) };
}

/** Recall of each search over each set of queries, as a table. */
export function recallTable(
  tools: readonly SearchedTool[],
  sets: Readonly<Record<string, readonly WrittenQuery[]>>,
): string {
  const names = { ours: 'tool search', bm25: 'plain BM25', substrings: 'substrings' };
  const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(16)).join('');
  const rows = Object.entries(searchesOver(tools)).map(([key, find]) => {
    const shares = Object.values(sets).map((queries) => `${(100 * recallOf(find, queries).share).toFixed(1)} %`);
    return names[key as keyof typeof names].padEnd(12) + cells(shares);
  });
  const heads = Object.entries(sets).map(([name, { length }]) => `${name} (${length})`);
  return [`recall@${AT} in ${tools.length} tools`, ' '.repeat(12) + cells(heads), ...rows].join('\n');
}
