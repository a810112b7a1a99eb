import type { Catalog } from '../../catalog/catalog.ts';
import type { Meanings } from '../../catalog/search/meanings.ts';
import type { ToolIndex } from '../../catalog/search/tool-index.ts';
import { ToolIndexes } from '../../catalog/search/tool-indexes.ts';
import type { SearchedTool } from '../../catalog/search/tool-text.ts';
import { nearest } from '../../config/nearest.ts';
import { kindOf, type Peer } from '../../protocol/peer.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Served } from '../served.ts';

/** Names that are offered in place of one that is unknown. */
const MAX_NEAREST = 3;

/** Where a caller looks for tools: at an endpoint, in what it is offered there. */
export interface FinderView {
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  readonly catalog: Catalog<Served>;
}

/** Finds tools for callers: never one that a caller is not offered, and by nothing that such a tool says. */
export class ToolFinder {
  readonly #indexes = new ToolIndexes();
  readonly #meanings: Meanings | undefined;

  /** @param meanings - Ranks by meaning as well. */
  constructor(meanings?: Meanings) {
    this.#meanings = meanings;
  }

  /**
   * The tools that fit, the best first.
   *
   * @param server - Only tools of this server. @default of all
   */
  async find(query: string, view: FinderView, server?: string): Promise<readonly SearchedTool[]> {
    const [byWords, tools] = await this.#use(
      view,
      (index) => [index.find(query, server), index.tools(server)] as const,
    );
    return this.#meanings ? this.#meanings.merge(query, byWords, tools) : byWords;
  }

  /** Names of tools that were perhaps meant by a name that no tool has. */
  async nearest(asked: string, view: FinderView): Promise<readonly string[]> {
    const near = nearest(
      asked,
      view.catalog.offeredTools.map(({ name }) => name),
    );
    if (near !== undefined) return [near];
    const found = await this.#use(view, (index) => index.find(asked));
    return found.slice(0, MAX_NEAREST).map(({ name }) => name);
  }

  #use<T>({ peer, endpoint, catalog }: FinderView, use: (index: ToolIndex) => T): Promise<T> {
    const visible = endpoint.visibleTo(peer.caller).map(({ name }) => name);
    return this.#indexes.use(
      catalog,
      JSON.stringify([endpoint.key, visible, peer.caller.roles, peer.caller.profile, peer.era, kindOf(peer)]),
      use,
    );
  }
}
