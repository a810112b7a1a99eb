import { readFileSync } from 'node:fs';
import type { SearchedTool } from '../../../src/catalog/search/tool-text.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

const pathOf = (name: string): URL => new URL(name, import.meta.url);

/** The written tools: under `# server`, a line `name | description | parameters`. */
export function writtenTools(): readonly SearchedTool[] {
  let server = '';
  return linesOf('tools.txt').flatMap((line) => {
    if (line.startsWith('# ')) {
      server = line.slice(2);
      return [];
    }
    const [name = '', description = '', parameters = ''] = line.split('|').map((part) => part.trim());
    const names = parameters.split(',').flatMap((parameter) => parameter.trim() || []);
    const properties = Object.fromEntries(names.map((parameter) => [parameter, {}]));
    const item = ObjectText.from({ name, description, inputSchema: { type: 'object', properties } });
    return [{ name: `${server}__${name}`, server, item }];
  });
}

/** A query, and the tools of which one should be found, as `server/tool`. */
export interface WrittenQuery {
  readonly query: string;
  readonly expected: readonly string[];
}

/** The queries of a file: a line `query => server/tool, server/tool`. */
export function writtenQueries(file: `queries-${'' | 'zoo-'}${'tuned' | 'held-out'}.txt`): readonly WrittenQuery[] {
  return linesOf(file).map((line) => {
    const [query = '', expected = ''] = line.split('=>').map((part) => part.trim());
    return { query, expected: expected.split(',').map((one) => one.trim()) };
  });
}

function linesOf(file: string): readonly string[] {
  return readFileSync(pathOf(file), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
