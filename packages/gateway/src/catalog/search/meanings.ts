import type { Logger } from '../../logger.ts';
import type { SearchedTool } from './tool-text.ts';

/**
 * Turns texts into vectors of one length, in the order of the texts; texts that mean nearly the same have vectors of nearly the same direction. Which
 * model does that is the embedder's choice. It is given names and descriptions of tools, and what clients look for.
 */
export type Embed = (texts: readonly string[], signal: AbortSignal) => Promise<readonly ArrayLike<number>[]>;

/** Longest text of one tool that is embedded, in characters. */
const MAX_TEXT = 1_000;

/** Tools that are embedded at once. */
const BATCH = 64;
const BATCH_MS = 60_000;

/** How long a search waits for the vector of its query. */
const QUERY_MS = 1_000;

/** Vectors that are kept; those of tools that are no longer there go when there are more. */
const MAX_KEPT = 50_000;

/** How many of each ranking count, and how little the first places differ. Source: Cormack et al., "Reciprocal Rank Fusion", 2009. */
const RANKED = 50;
const RANK_OFFSET = 60;

/** Ranks tools by what they mean as well as by their words, where somebody has brought a model. */
export class Meanings {
  readonly #embed: Embed;
  readonly #logger: Logger;
  readonly #vectors = new Map<string, Float32Array>();
  #isEmbedding = false;
  #hasFailed = false;

  constructor(embed: Embed, logger: Logger) {
    this.#embed = embed;
    this.#logger = logger;
  }

  /**
   * Merges what was found by words with what is near in meaning. Tools that have no vector yet get one for later searches; a model that fails or is
   * slow changes nothing.
   *
   * @param tools - All that may be found.
   */
  async merge(
    query: string,
    byWords: readonly SearchedTool[],
    tools: readonly SearchedTool[],
  ): Promise<readonly SearchedTool[]> {
    const known = tools.flatMap((tool) => {
      const vector = this.#vectors.get(textOf(tool));
      return vector ? [{ tool, vector }] : [];
    });
    if (known.length < tools.length) void this.#learn(tools);
    if (known.length === 0) return byWords;
    const [asked] = await this.#vectorsOf([query], QUERY_MS);
    if (!asked) return byWords;
    const byMeaning = known
      .map(({ tool, vector }) => ({ tool, nearness: product(asked, vector) }))
      .sort((one, other) => other.nearness - one.nearness)
      .map(({ tool }) => tool);
    return fused(byWords, byMeaning);
  }

  async #learn(tools: readonly SearchedTool[]): Promise<void> {
    if (this.#isEmbedding) return;
    this.#isEmbedding = true;
    const current = new Set(tools.map(textOf));
    const missing = [...current].filter((text) => !this.#vectors.has(text));
    if (this.#vectors.size + missing.length > MAX_KEPT) {
      for (const text of this.#vectors.keys()) if (!current.has(text)) this.#vectors.delete(text);
    }
    for (let from = 0; from < missing.length; from += BATCH) {
      const texts = missing.slice(from, from + BATCH);
      const vectors = await this.#vectorsOf(texts, BATCH_MS);
      if (vectors.length === 0) break;
      for (const [index, text] of texts.entries()) {
        const vector = vectors[index];
        if (vector) this.#vectors.set(text, vector);
      }
    }
    this.#isEmbedding = false;
  }

  /** None where the model fails, is late, or answers with other than a vector for each text. */
  async #vectorsOf(texts: readonly string[], timeoutMs: number): Promise<readonly Float32Array[]> {
    const signal = AbortSignal.timeout(timeoutMs);
    const { promise: late, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    try {
      const vectors = await Promise.race([this.#embed(texts, signal), late]);
      if (vectors.length !== texts.length) throw new Error(`${texts.length} texts gave ${vectors.length} vectors`);
      return vectors.map(normalised);
    } catch (err) {
      if (!this.#hasFailed) this.#logger.warn({ err }, 'tools are searched by words alone: the embedder failed');
      this.#hasFailed = true;
      return [];
    }
  }
}

function textOf({ server, item }: SearchedTool): string {
  const said = ['name', 'title', 'description'].map((key) => item.text(key) ?? '');
  return [server, ...said].join(' ').slice(0, MAX_TEXT);
}

function normalised(vector: ArrayLike<number>): Float32Array {
  const own = Float32Array.from(vector);
  const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
  return own.map((value) => value / (length || 1));
}

function product(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] as number) * (other[i] ?? 0);
  return sum;
}

/** The places in both rankings decide; what is only in one of them stays. */
function fused(...rankings: readonly (readonly SearchedTool[])[]): readonly SearchedTool[] {
  const scores = new Map<SearchedTool, number>();
  for (const ranking of rankings) {
    for (const [rank, tool] of ranking.slice(0, RANKED).entries()) {
      scores.set(tool, (scores.get(tool) ?? 0) + 1 / (RANK_OFFSET + rank));
    }
  }
  const best = [...scores].sort(([, one], [, other]) => other - one).map(([tool]) => tool);
  return [...best, ...(rankings[0] ?? []).filter((tool) => !scores.has(tool))];
}
