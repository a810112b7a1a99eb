import { shareParameters } from '../../catalog/search/shared-parameters.ts';
import { shortDescription } from '../../catalog/search/short-description.ts';
import { shortSchema } from '../../catalog/search/short-schema.ts';
import type { SearchedTool } from '../../catalog/search/tool-text.ts';
import { nearest } from '../../config/nearest.ts';
import { UnknownNameError, UpstreamUnavailableError } from '../../errors.ts';
import { listText } from '../../protocol/frame/list-text.ts';
import { ObjectText } from '../../protocol/frame/object-text.ts';
import { isShown } from '../../upstream/is-shown.ts';
import type { Route } from '../route.ts';
import type { Served } from '../served.ts';
import type { OwnTool, OwnToolCall } from './own-tool.ts';
import type { ToolFinder } from './tool-finder.ts';

/** Results of one answer. */
const DEFAULT_LIMIT = 5;
const MAX_LIMIT = 100;
/** Names alone are short. */
const DEFAULT_NAMES = 50;

/** Longest page, in bytes before parameters are shared. It has one tool at least, however large. */
const MAX_PAGE_BYTES = 65_536;

/** What is said of each result. */
type Detail = 'names' | 'schemas' | 'full';

const DEFINITION = ObjectText.from({
  name: 'search',
  title: 'Search tools',
  description:
    'Find tools of the connected servers; call them with execute. Say in plain words what is to be done: {"query":"open a pull request"}. ' +
    'Without a query: the servers and how many tools each has; with server only: its tools. ' +
    'A parameter {"$ref":"#/shared/x"} is described under "shared". "next" is the offset of more results.',
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'What is to be done, or a tool name' },
      server: { type: 'string', description: 'Only tools of this server' },
      limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, description: `Default ${DEFAULT_LIMIT}` },
      offset: { type: 'integer', minimum: 0 },
      detail: { enum: ['names', 'schemas', 'full'], description: 'Default schemas' },
    },
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true },
});

/** `search`: finds tools in what its caller is offered. */
export function searchTool(finder: ToolFinder): OwnTool {
  return {
    name: 'search',
    definition: DEFINITION,
    answer: async (call): Promise<Route> => ({ kind: 'own', result: textResult(await answer(finder, call)) }),
  };
}

async function answer(finder: ToolFinder, call: OwnToolCall): Promise<ObjectText> {
  const { given, catalog, endpoint } = call;
  const { peer } = call.exchange;
  const query = (given.text('query') ?? '').trim();
  const server = given.text('server');
  const detail = (given.text('detail') as Detail | undefined) ?? 'schemas';
  const offset = (given.value('offset') as number | undefined) ?? 0;
  const counts = new Map<string, number>();
  for (const { source } of catalog.offeredTools) counts.set(source.name, (counts.get(source.name) ?? 0) + 1);
  const visible = endpoint.visibleTo(peer.caller);
  if (server !== undefined && !counts.has(server)) mustBeUp(server, visible);
  const limit = given.value('limit') as number | undefined;
  if (query === '' && server === undefined) return serversPage(visible, counts, offset, limit ?? MAX_LIMIT);
  const found =
    query === ''
      ? catalog.offeredTools.flatMap(({ name, item, source }) =>
          source.name === server ? [{ name, server: source.name, item }] : [],
        )
      : await finder.find(query, { peer, endpoint, catalog }, server);
  return toolsPage(found, detail, offset, limit ?? (detail === 'names' ? DEFAULT_NAMES : DEFAULT_LIMIT));
}

/** Servers that have tools, and those that might have and do not run. */
function serversPage(
  visible: readonly Served[],
  counts: ReadonlyMap<string, number>,
  offset: number,
  limit: number,
): ObjectText {
  const servers = visible.flatMap(({ name, upstream }) => {
    const tools = counts.get(name) ?? 0;
    const { state } = upstream;
    if (state === 'running') return tools > 0 ? [{ server: name, tools }] : [];
    return [{ server: name, tools, state }];
  });
  return ObjectText.from({ servers: servers.slice(offset, offset + limit), ...next(servers.length, offset, limit) });
}

function toolsPage(found: readonly SearchedTool[], detail: Detail, offset: number, limit: number): ObjectText {
  const results = found.slice(offset, offset + limit);
  if (detail === 'names' || found.length === 0) {
    const more = { found: found.length, ...next(found.length, offset, limit) };
    const hint = found.length === 0 ? { hint: 'Try other words, or no query to see the servers.' } : {};
    return ObjectText.from({ tools: results.map(({ name }) => name), ...more, ...hint });
  }
  const isFull = detail === 'full';
  const inputs = results.map(({ item }) => (isFull ? inputSchemaOf(item) : shortSchema(inputSchemaOf(item))));
  const count = fitting(results.map(({ item }, index) => (isFull ? item : inputs[index])?.byteLength ?? 0));
  const { shared, schemas } = shareParameters(inputs.slice(0, count));
  const tools = results.slice(0, count).map(({ name, item }, index) => {
    const input = schemas[index] ?? ObjectText.EMPTY;
    return isFull ? whole(name, item, input) : short(name, item, input);
  });
  const answered = ObjectText.EMPTY.with('tools', listText(tools));
  const [any] = shared.keys();
  const said = any === undefined ? answered : answered.with('shared', shared);
  const more = { found: found.length, ...next(found.length, offset, Math.min(limit, count)) };
  return Object.entries(more).reduce((result, [key, value]) => result.withValue(key, value), said);
}

/** How many of these fit on a page; 1 at least. */
function fitting(sizes: readonly number[]): number {
  let left = MAX_PAGE_BYTES;
  for (const [index, size] of sizes.entries()) {
    left -= size;
    if (left < 0) return Math.max(1, index);
  }
  return sizes.length;
}

function short(name: string, item: ObjectText, input: ObjectText): ObjectText {
  const description = shortDescription(item.text('description') ?? item.text('title') ?? '');
  return ObjectText.EMPTY.withValue('tool', name).withValue('description', description).with('input', input);
}

function whole(name: string, item: ObjectText, input: ObjectText): ObjectText {
  let said = ObjectText.EMPTY.withValue('tool', name);
  for (const key of ['title', 'description']) {
    const text = item.bytes(key);
    if (text) said = said.with(key, text);
  }
  said = said.with('input', input);
  for (const [key, as] of [
    ['outputSchema', 'output'],
    ['annotations', 'annotations'],
  ] as const) {
    const value = item.bytes(key);
    if (value) said = said.with(as, value);
  }
  return said;
}

/** Which dialect of JSON Schema it is says nothing to a model. */
function inputSchemaOf(item: ObjectText): ObjectText {
  return (item.object('inputSchema') ?? ObjectText.EMPTY).without('$schema');
}

function next(count: number, offset: number, limit: number): { readonly next?: number } {
  return offset + limit < count ? { next: offset + limit } : {};
}

function textResult(answered: ObjectText): ObjectText {
  return ObjectText.from({ content: [{ type: 'text', text: answered.toBytes().toString('utf8') }] });
}

/** @throws GATEWAY_UNKNOWN_NAME where nobody is shown such a server; GATEWAY_UPSTREAM_UNAVAILABLE where it does not run. */
function mustBeUp(asked: string, visible: readonly Served[]): void {
  const served = visible.find(({ name }) => name === asked);
  if (!served) {
    const near = nearest(
      asked,
      visible.map(({ name }) => name),
    );
    throw new UnknownNameError({ kind: 'server', asked, nearest: near === undefined ? [] : [near] });
  }
  const { state } = served.upstream;
  if (!isShown({ state })) throw new UpstreamUnavailableError({ server: asked, state });
}
