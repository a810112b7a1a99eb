import { ALL_LISTS, EMPTY_OFFER, type ListName, type Offer } from '../catalog/offer.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { listText } from '../protocol/frame/list-text.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { Connection } from './connection.ts';
import type { LeftOut } from './left-out.ts';

/** A list that goes on after so many pages, or so many bytes of items, is taken for one that never ends: what came so far is served. */
const MAX_PAGES = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;

const METHODS: Readonly<Record<ListName, string>> = {
  tools: 'tools/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
};

const CAPABILITIES: Readonly<Record<ListName, string>> = {
  tools: 'tools',
  resources: 'resources',
  resourceTemplates: 'resources',
  prompts: 'prompts',
};

/** What names an item within its list. */
const NAMED_BY: Readonly<Record<ListName, string>> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
};

/** Which lists a change notification is about. */
export const CHANGES: ReadonlyMap<string, readonly ListName[]> = new Map<string, readonly ListName[]>([
  ['notifications/tools/list_changed', ['tools']],
  ['notifications/resources/list_changed', ['resources', 'resourceTemplates']],
  ['notifications/prompts/list_changed', ['prompts']],
]);

export interface ReadOfferOptions {
  readonly cancellation: Cancellation;
  readonly leftOut: LeftOut;
  /** @default all */
  readonly lists?: readonly ListName[];
  /** Gives the lists that are not read. */
  readonly before?: Offer;
}

/**
 * Reads the lists, all pages of them, that the server says it has. A list whose method the server does not know is empty: it
 * has declared more than it has, and everything else of it is served. So is what strict clients take. Any other error that it
 * answers with is kept instead of the list, so that it costs the list alone.
 *
 * @throws the server's RpcError where it has tools and does not list them: too little would be left of it.
 */
export async function readOffer(
  connection: Connection,
  { cancellation, leftOut, lists = ALL_LISTS, before = EMPTY_OFFER }: ReadOfferOptions,
): Promise<Offer> {
  const { era, capabilities, serverInfo, instructions } = connection.facts;
  const declared = lists.filter((list) => capabilities.has(CAPABILITIES[list]));
  const read = await Promise.all(
    declared.map(async (list) => [list, await readOrError(connection, list, cancellation)] as const),
  );
  return {
    ...before,
    serverInfo,
    instructions,
    capabilities,
    ...Object.fromEntries(read.map(([list, { items }]) => [list, leftOut.rest(list, items, era)])),
    listMetadata: {
      ...before.listMetadata,
      ...Object.fromEntries(read.map(([list, { metadata }]) => [list, metadata])),
    },
    failed: { ...before.failed, ...Object.fromEntries(read.map(([list, { error }]) => [list, error])) },
  };
}

interface ReadList {
  readonly items: readonly ObjectText[];
  readonly metadata: ObjectText;
  readonly error?: RpcError;
}

async function readOrError(connection: Connection, list: ListName, cancellation: Cancellation): Promise<ReadList> {
  try {
    return await readList(connection, list, cancellation);
  } catch (error) {
    if (list === 'tools' || !(error instanceof RpcError) || !error.isReceived) throw error;
    return { items: [], metadata: ObjectText.EMPTY, error };
  }
}

async function readList(connection: Connection, list: ListName, cancellation: Cancellation): Promise<ReadList> {
  const items = new Map<string, ObjectText>();
  const cursors = new Set<string>();
  let metadata: ObjectText = ObjectText.EMPTY;
  let byteLength = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const params = cursor === undefined ? undefined : ObjectText.from({ cursor });
    const result = await connection.request({ method: METHODS[list], params }, { cancellation }).catch((error) => {
      if (error instanceof RpcError && error.code === RpcCode.methodNotFound) return ObjectText.EMPTY;
      throw error;
    });
    for (const item of result.list(list) ?? []) {
      const name = item.text(NAMED_BY[list]) ?? '';
      // Equal names of one server are one item; servers whose pages go round in circles send them again and again.
      if (items.has(name)) continue;
      items.set(name, item.copy());
      byteLength += item.byteLength;
    }
    if (page === 0) metadata = besideItems(result, list);
    cursor = result.text('nextCursor');
    if (cursor === undefined || cursors.has(cursor) || byteLength > MAX_BYTES) break;
    cursors.add(cursor);
  }
  return { items: [...items.values()], metadata };
}

/** The members next to the items, and an empty list where these stood among them. */
function besideItems(result: ObjectText, list: ListName): ObjectText {
  const rest = result.without('nextCursor', 'resultType');
  return (result.has(list) ? rest.with(list, listText([])) : rest).copy();
}
