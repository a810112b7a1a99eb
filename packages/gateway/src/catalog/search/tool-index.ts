import MiniSearch, { type SearchResult } from 'minisearch';
import { conceptsOf, isConcept } from './concepts.ts';
import { ToolQuery } from './tool-query.ts';
import { type SearchedTool, type ToolText, toolText } from './tool-text.ts';
import { wordsOf } from './words.ts';

/** What a match in each part of a tool's text is worth. */
const BOOST: Readonly<Record<keyof ToolText, number>> = {
  name: 4,
  title: 2,
  server: 1.5,
  description: 1,
  parameters: 0.4,
};

/** Shortest words that are taken for the beginning of another, or for another with a letter wrong, and with two. */
const LOOSE_FROM = 3;
const TWO_TYPOS_FROM = 8;

/** The share of all tools, and their number, above which a term says nothing beside others. */
const COMMON_SHARE = 0.3;
const COMMON_FROM = 50;

/** The part of a score in which two that are equal may differ. */
const EQUAL_SCORES = 1e-9;

interface Ranked {
  readonly id: string;
  readonly score: number;
}

type Document = ToolText & { readonly id: string };

/**
 * The tools of one catalogue, to be searched in. It holds nothing of other catalogues: how rare a word is decides about ranks, and would
 * tell of tools that a caller must not know of.
 */
export class ToolIndex {
  readonly #tools = new Map<string, SearchedTool>();
  /** In how many tools each term is. */
  readonly #counts = new Map<string, number>();
  readonly #search = new MiniSearch<Document>({
    fields: Object.keys(BOOST),
    // The fields are terms already.
    tokenize: (terms) => (terms === '' ? [] : terms.split(' ')),
    processTerm: (term) => term,
  });

  /** Tools in it. */
  get size(): number {
    return this.#tools.size;
  }

  /** @param server - Only tools of this server. @default all */
  tools(server?: string): readonly SearchedTool[] {
    const tools = [...this.#tools.values()];
    return server === undefined ? tools : tools.filter((tool) => tool.server === server);
  }

  /**
   * Makes it hold these tools. Only those are read that were added or say something else than before.
   *
   * @returns How many were added, changed or removed.
   */
  update(tools: readonly SearchedTool[]): number {
    let changes = 0;
    for (const _ of this.updating(tools)) changes++;
    return changes;
  }

  /** The same in steps, one for each tool that was added, changed or removed; all of them are to be done before anybody searches. */
  *updating(tools: readonly SearchedTool[]): Generator<void> {
    const names = new Set<string>();
    for (const tool of tools) {
      names.add(tool.name);
      const before = this.#tools.get(tool.name);
      if (before && isSame(before, tool)) {
        // The older one may hold the memory of a list that is no longer.
        this.#tools.set(tool.name, tool);
        continue;
      }
      if (before) this.#remove(before);
      this.#add(tool);
      yield;
    }
    if (names.size === this.#tools.size) return;
    for (const [name, tool] of this.#tools) {
      if (names.has(name)) continue;
      this.#remove(tool);
      yield;
    }
  }

  /**
   * Finds tools, the best first.
   *
   * @param server - Only tools of this server. @default of all
   */
  find(query: string, server?: string): readonly SearchedTool[] {
    const asked = new ToolQuery(query);
    const isMeant = ({ id }: SearchResult): boolean =>
      server === undefined || this.#tools.get(id as string)?.server === server;
    const ranked = this.#matches(asked)
      .filter(isMeant)
      .map((result) => ({ id: result.id as string, score: scoreOf(result, asked) }))
      .sort(byRank);
    return this.#exactFirst(
      query,
      ranked.flatMap(({ id }) => this.#tools.get(id) ?? []),
    );
  }

  /** Words that nothing has are taken for beginnings or misspellings of others; words that nearly everything has say nothing. */
  #matches(asked: ToolQuery): SearchResult[] {
    const isUnknown = (term: string): boolean =>
      !isConcept(term) && !this.#counts.has(term) && term.length >= LOOSE_FROM;
    const terms = [...asked.terms.keys()].filter((term) => this.#counts.has(term) || isUnknown(term));
    const most = Math.max(this.size * COMMON_SHARE, COMMON_FROM);
    const rare = terms.filter((term) => (this.#counts.get(term) ?? 0) <= most);
    return this.#search.search('any', {
      tokenize: () => (rare.length > 0 ? rare : terms),
      boost: BOOST,
      boostTerm: (term) => asked.terms.get(term)?.weight ?? 1,
      prefix: isUnknown,
      fuzzy: (term) => isUnknown(term) && (term.length < TWO_TYPOS_FROM ? 1 : 2),
    });
  }

  #add(tool: SearchedTool): void {
    const document = documentOf(tool);
    this.#search.add(document);
    this.#tools.set(tool.name, tool);
    for (const term of termsIn(document)) this.#counts.set(term, (this.#counts.get(term) ?? 0) + 1);
  }

  #remove(tool: SearchedTool): void {
    const document = documentOf(tool);
    this.#search.remove(document);
    this.#tools.delete(tool.name);
    for (const term of termsIn(document)) {
      const rest = (this.#counts.get(term) ?? 0) - 1;
      if (rest > 0) this.#counts.set(term, rest);
      else this.#counts.delete(term);
    }
  }

  /** Whoever writes a whole name means that tool. */
  #exactFirst(query: string, found: readonly SearchedTool[]): readonly SearchedTool[] {
    const asked = query.trim();
    const isExact = ({ name, item }: SearchedTool): boolean => name === asked || item.text('name') === asked;
    const exact = found.filter(isExact);
    return exact.length === 0 ? found : [...exact, ...found.filter((tool) => !isExact(tool))];
  }
}

/** MiniSearch multiplies by the number of terms; that is replaced by how much of the query they stand for. */
function scoreOf({ score, queryTerms }: SearchResult, asked: ToolQuery): number {
  return (score / queryTerms.length) * asked.coverage(queryTerms) ** 2;
}

/** Equal scores in the order of the names: what was there first is nobody's business. Scores are sums, in any order. */
function byRank(one: Ranked, other: Ranked): number {
  const difference = other.score - one.score;
  if (Math.abs(difference) > EQUAL_SCORES * one.score) return difference;
  return one.id < other.id ? -1 : 1;
}

function documentOf(tool: SearchedTool): Document {
  const { name, title, server, description, parameters } = toolText(tool);
  return {
    id: tool.name,
    name: termsOf(name),
    title: termsOf(title),
    server: termsOf(server),
    description: termsOf(description),
    parameters: termsOf(parameters),
  };
}

function termsIn({ id: _, ...fields }: Document): ReadonlySet<string> {
  return new Set(Object.values(fields).flatMap((terms) => (terms === '' ? [] : terms.split(' '))));
}

function isSame(one: SearchedTool, other: SearchedTool): boolean {
  if (one.server !== other.server) return false;
  return one.item === other.item || one.item.toBytes().equals(other.item.toBytes());
}

/** The words of a text and their meanings, with spaces between them. */
function termsOf(text: string): string {
  const words = wordsOf(text);
  return [...words, ...new Set(conceptsOf(words).map(({ term }) => term))].join(' ');
}
