import { ObjectText } from '../protocol/frame/object-text.ts';
import type { RpcError } from '../protocol/rpc-error.ts';

/** The four lists a server publishes, named as in the results. */
export type ListName = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

export const ALL_LISTS: readonly ListName[] = ['tools', 'resources', 'resourceTemplates', 'prompts'];

/** What one server offers, as it said it; nothing is re-typed. */
export interface Offer {
  readonly serverInfo: ObjectText | undefined;
  readonly instructions: string | undefined;
  readonly capabilities: ObjectText;
  readonly tools: readonly ObjectText[];
  readonly resources: readonly ObjectText[];
  readonly resourceTemplates: readonly ObjectText[];
  readonly prompts: readonly ObjectText[];
  /** What stands in the answer to each list beside the items, as `_meta`, `ttlMs`, `cacheScope`, with none of these in their place. */
  readonly listMetadata: Readonly<Partial<Record<ListName, ObjectText>>>;
  /** What the server said instead of a list; the list is empty then. */
  readonly failed?: Readonly<Partial<Record<ListName, RpcError>>>;
  /** As the server said it, where this is told to clients of another era; {@link EMPTY_OFFER} where the gateway speaks in its place. */
  readonly original?: Offer;
}

export const EMPTY_OFFER: Offer = {
  serverInfo: undefined,
  instructions: undefined,
  capabilities: ObjectText.EMPTY,
  tools: [],
  resources: [],
  resourceTemplates: [],
  prompts: [],
  listMetadata: {},
};
