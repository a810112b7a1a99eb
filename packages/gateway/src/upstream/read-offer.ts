import type { Connection } from './connection.ts';
import { isObject, type JsonObject } from './message.ts';
import { EMPTY_OFFER, type ListName, type Offer } from './upstream.ts';

/** A list that goes on after so many pages is taken for one that never ends. */
const MAX_PAGES = 1_000;

const METHODS: Readonly<Record<ListName, string>> = {
  tools: 'tools/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
};

export const ALL_LISTS: readonly ListName[] = ['tools', 'resources', 'resourceTemplates', 'prompts'];

/** Which lists a change notification is about. */
export const CHANGES: Readonly<Record<string, readonly ListName[]>> = {
  'notifications/tools/list_changed': ['tools'],
  'notifications/resources/list_changed': ['resources', 'resourceTemplates'],
  'notifications/prompts/list_changed': ['prompts'],
};

/** Reads the lists, all pages of them, that the server says it has; `before` gives those that are not asked for. */
export async function readOffer(
  connection: Connection,
  signal: AbortSignal,
  lists: readonly ListName[] = ALL_LISTS,
  before: Offer = EMPTY_OFFER,
): Promise<Offer> {
  const { capabilities } = connection;
  const has = (list: ListName): boolean =>
    (list === 'resourceTemplates' ? capabilities.resources : capabilities[list]) !== undefined;
  const read = await Promise.all(
    lists.filter(has).map(async (list) => [list, await readList(connection, list, signal)] as const),
  );
  return {
    ...before,
    serverInfo: connection.serverInfo,
    instructions: connection.instructions,
    capabilities,
    ...Object.fromEntries(read.map(([list, { items }]) => [list, items])),
    beside: { ...before.beside, ...Object.fromEntries(read.map(([list, { beside }]) => [list, beside])) },
  };
}

async function readList(connection: Connection, list: ListName, signal: AbortSignal) {
  const items: JsonObject[] = [];
  let beside: JsonObject = {};
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const params = cursor === undefined ? undefined : { cursor };
    const { [list]: found, nextCursor, ...rest } = await connection.request({ method: METHODS[list], params }, signal);
    if (Array.isArray(found)) items.push(...found.filter(isObject));
    if (page === 0) beside = rest;
    if (nextCursor === undefined || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return { items, beside };
}
