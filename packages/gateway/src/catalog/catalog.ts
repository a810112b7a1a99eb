import { matchesTool } from '../config/tool-pattern.ts';
import { type JsonObject, textOf } from '../upstream/message.ts';
import type { Offer } from '../upstream/upstream.ts';
import { giveNames, type NamingOptions } from './naming.ts';
import { templateMatches } from './uri-template.ts';

/** One server as a part of a catalogue. */
export interface CatalogSource<S> {
  readonly source: S;
  readonly prefix: string;
  readonly offer: Offer;
  /** Whether it answers now; what does not is not listed, but its names still lead to it. */
  readonly live: boolean;
  /** Patterns of the tools that are served; all when absent. */
  readonly tools?: readonly string[] | undefined;
}

/** Where a name or an address leads. */
export interface Found<S> {
  readonly source: S;
  readonly ownName: string;
  /** The item as its server published it. */
  readonly item: JsonObject;
}

/** What one client sees: the lists of several servers as one, and the way back from each name. */
export class Catalog<S> {
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly #tools = new Map<string, Found<S>>();
  readonly #prompts = new Map<string, Found<S>>();
  readonly #resources = new Map<string, S>();
  readonly #templates: { readonly template: string; readonly source: S }[] = [];

  constructor(sources: readonly CatalogSource<S>[], naming: NamingOptions) {
    const named = (list: 'tools' | 'prompts', found: Map<string, Found<S>>): JsonObject[] => {
      const items = giveNames(
        sources.map(({ prefix, offer, source, live, tools }) => ({
          prefix,
          items: offer[list]
            .map((item) => ({ ownName: textOf(item.name), item: { item, source, live } }))
            .filter(({ ownName }) => list === 'prompts' || isServed(ownName, tools)),
        })),
        naming,
      );
      for (const { name, ownName, item } of items) found.set(name, { source: item.source, ownName, item: item.item });
      return items
        .filter(({ item }) => item.live)
        .map(({ name, ownName, item }) => (name === ownName ? item.item : { ...item.item, name }));
    };
    this.tools = named('tools', this.#tools);
    this.prompts = named('prompts', this.#prompts);
    for (const { source, offer } of sources) {
      for (const { uri } of offer.resources)
        if (!this.#resources.has(textOf(uri))) this.#resources.set(textOf(uri), source);
      for (const { uriTemplate } of offer.resourceTemplates)
        this.#templates.push({ template: textOf(uriTemplate), source });
    }
    const live = sources.filter((source) => source.live);
    this.resources = live.flatMap(({ offer, source }) =>
      offer.resources.filter(({ uri }) => this.#resources.get(textOf(uri)) === source),
    );
    this.resourceTemplates = live.flatMap(({ offer }) => offer.resourceTemplates);
  }

  tool(name: string): Found<S> | undefined {
    return this.#tools.get(name);
  }

  prompt(name: string): Found<S> | undefined {
    return this.#prompts.get(name);
  }

  /** The server that has this resource or a template for it; the first in the order of the configuration. */
  ownerOf(uri: string): S | undefined {
    return this.#resources.get(uri) ?? this.#templates.find(({ template }) => templateMatches(template, uri))?.source;
  }

  /** The server that published this template, as it is written. */
  ownerOfTemplate(template: string): S | undefined {
    return this.#templates.find((entry) => entry.template === template)?.source ?? this.ownerOf(template);
  }
}

function isServed(tool: string, patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => matchesTool(pattern, tool)) ?? true;
}
