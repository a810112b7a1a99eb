import type { SearchedTool } from '../../packages/gateway/src/catalog/search/tool-text.ts';
import { ObjectText } from '../../packages/gateway/src/protocol/frame/object-text.ts';

const VERBS =
  'create get list update delete search send move copy export import approve assign merge schedule run'.split(' ');
const NOUNS = (
  'issue ticket repository branch commit pull_request comment label user team channel message email attachment event calendar ' +
  'file folder document page table row query index bucket object container pod deployment log metric alert incident invoice ' +
  'payment customer order product subscription contact deal task board sprint dashboard report secret policy certificate image video'
).split(' ');
const PLACES =
  'of a project|of an account|in the workspace|of the current user|by its id|that match a filter|since a date'.split(
    '|',
  );
const PARAMETERS = 'id owner project query limit cursor title body state since filter name'.split(' ');

/** Tools as servers of the trade have them, evenly over servers; the same for the same count. */
export function manyTools(count: number, servers: number): readonly SearchedTool[] {
  return Array.from({ length: count }, (_, at) => toolAt(at, at % servers));
}

/** Another version of a tool, as after its server has changed it. */
export function changedTool({ name, server, item }: SearchedTool, version: number): SearchedTool {
  return { name, server, item: item.withValue('description', `${item.text('description')} Version ${version}.`) };
}

/** Queries in the words of the tools, with other endings, synonyms and typos among them. */
export function manyQueries(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const [verb, noun] = [pick(VERBS, at * 7), pick(NOUNS, at * 13).replace('_', ' ')];
    const asked = [
      `${verb} ${noun}`,
      `how do I ${verb} the ${noun}s of my project`,
      `${noun.slice(0, -1)}`,
      `open a PR ${noun}`,
    ];
    return pick(asked, at);
  });
}

function toolAt(at: number, serverAt: number): SearchedTool {
  const server = `server_${serverAt}`;
  const [verb, noun] = [pick(VERBS, at), pick(NOUNS, Math.floor(at / VERBS.length))];
  const name = `${verb}_${noun}_${at}`;
  const words = noun.replace('_', ' ');
  const properties = Object.fromEntries(
    PARAMETERS.filter((_, place) => (at >> (place % 8)) % 2 === 0).map((parameter) => [
      parameter,
      { type: 'string', description: `The ${parameter} of the ${words} to ${verb}` },
    ]),
  );
  const item = ObjectText.from({
    name,
    description: `Use this to ${verb} one ${words} ${pick(PLACES, at)}. Service ${serverAt} answers with the ${words} as JSON.`,
    inputSchema: { type: 'object', properties, required: Object.keys(properties).slice(0, 1) },
  });
  return { name: `${server}__${name}`, server, item };
}

function pick(list: readonly string[], at: number): string {
  return list[at % list.length] ?? '';
}
