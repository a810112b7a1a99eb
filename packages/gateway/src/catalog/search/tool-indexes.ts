import { setImmediate } from 'node:timers/promises';
import type { Catalog } from '../catalog.ts';
import { ToolIndex } from './tool-index.ts';
import type { SearchedTool } from './tool-text.ts';

/** Tools that all kept indexes may hold together; the index that was used last stays whatever its size. */
const MAX_TOOLS = 50_000;

/** Tools that are read in one turn of the event loop, so that calls go on while a large catalogue is read. */
const READ_AT_ONCE = 50;

interface Kept {
  readonly viewer: string;
  readonly index: ToolIndex;
  /** What the index holds once all that was asked before is answered. */
  catalog: object | undefined;
  /** Resolves then. */
  turn: Promise<unknown>;
}

/** Indexes of the catalogues that were searched in lately. One follows its viewers' catalogue from change to change. */
export class ToolIndexes {
  /** The one that was used last comes last. */
  readonly #kept: Kept[] = [];

  /**
   * Hands the index of a catalogue, as it is now, to a function that uses it at once: a moment later it may hold another catalogue, with tools that
   * are for others.
   *
   * @param viewer - Equal for clients that are offered the same, now and after a change.
   */
  use<S extends { readonly name: string }, T>(
    catalog: Catalog<S>,
    viewer: string,
    use: (index: ToolIndex) => T,
  ): Promise<T> {
    const kept =
      this.#take((one) => one.catalog === catalog) ??
      this.#take((one) => one.viewer === viewer) ??
      ({ viewer, index: new ToolIndex(), catalog: undefined, turn: Promise.resolve() } satisfies Kept);
    const isSame = kept.catalog === catalog;
    kept.catalog = catalog;
    const used = kept.turn.then(async () => {
      if (!isSame) await read(kept.index, catalog.offeredTools.map(searched));
      return use(kept.index);
    });
    kept.turn = used.catch(() => undefined);
    this.#kept.push(kept);
    this.#forgetOldest();
    return used;
  }

  #take(matches: (kept: Kept) => boolean): Kept | undefined {
    const at = this.#kept.findLastIndex(matches);
    return at === -1 ? undefined : this.#kept.splice(at, 1)[0];
  }

  #forgetOldest(): void {
    const size = (): number => this.#kept.reduce((sum, { index }) => sum + index.size, 0);
    while (this.#kept.length > 1 && size() > MAX_TOOLS) this.#kept.shift();
  }
}

async function read(index: ToolIndex, tools: readonly SearchedTool[]): Promise<void> {
  let count = 0;
  for (const _ of index.updating(tools)) if (++count % READ_AT_ONCE === 0) await setImmediate();
}

function searched<S extends { readonly name: string }>({
  name,
  source,
  item,
}: {
  readonly name: string;
  readonly source: S;
  readonly item: SearchedTool['item'];
}): SearchedTool {
  return { name, server: source.name, item };
}
