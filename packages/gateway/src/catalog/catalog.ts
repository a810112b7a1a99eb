import type { ItemKind } from '../config/item-patterns.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { giveNames, type NamingOptions } from './naming.ts';
import type { ListName, Offer } from './offer.ts';
import { PAGE_ITEMS, page } from './page.ts';
import { fixedStart, hasScheme, templateMatches } from './uri-template.ts';

/** One server as a part of a catalogue. */
export interface CatalogSource<S> {
  readonly source: S;
  readonly prefix: string;
  readonly offer: Offer;
  /** Whether it answers now; what does not is not listed, but its names still lead to it. */
  readonly live: boolean;
  /** Whether what it offers may be used by whoever this catalogue is for; what may not is not there. */
  readonly allows: (kind: ItemKind, name: string) => boolean;
  /** Whether a tool's answers have another shape than its server says. @default none has */
  readonly isReshaped?: ((tool: string) => boolean) | undefined;
}

/** Where a name or an address leads. */
export interface Found<S> {
  readonly source: S;
  readonly ownName: string;
  /** Whether clients know it by another name than its server does. */
  readonly isRenamed: boolean;
  /** The item as its server published it. */
  readonly item: ObjectText;
}

/** A tool that is listed. */
export interface OfferedTool<S> extends Found<S> {
  /** As clients know it. */
  readonly name: string;
}

interface KeptPage {
  readonly metadata: ObjectText;
  readonly text: ObjectText;
}

/** What one client sees: the lists of several servers as one, and the way back from each name. */
export class Catalog<S> {
  readonly #lists: Readonly<Record<ListName, readonly ObjectText[]>>;
  readonly #tools = new Map<string, Found<S>>();
  readonly #prompts = new Map<string, Found<S>>();
  readonly #resources = new Map<string, CatalogSource<S>>();
  readonly #publishers = new Map<string, CatalogSource<S>>();
  /** Also those that may not be listed: they may still lead to an address that may be read. */
  readonly #templates: { readonly template: string; readonly from: CatalogSource<S> }[] = [];
  readonly #pages = new Map<string, KeptPage>();
  readonly #isAlone: boolean;
  #offeredTools: readonly OfferedTool<S>[] | undefined;

  constructor(sources: readonly CatalogSource<S>[], naming: NamingOptions) {
    const named = (list: 'tools' | 'prompts', found: Map<string, Found<S>>): ObjectText[] => {
      const items = giveNames(
        sources.map(({ prefix, offer, source, live, allows, isReshaped }) => ({
          prefix,
          items: offer[list]
            .map((item) => ({ ownName: item.text('name') ?? '', item: { item, source, live, isReshaped } }))
            .filter(({ ownName }) => allows(list === 'tools' ? 'tool' : 'prompt', ownName)),
        })),
        list === 'tools' ? naming : { ...naming, portable: false },
      );
      for (const { name, ownName, item } of items) {
        found.set(name, { source: item.source, ownName, isRenamed: name !== ownName, item: item.item });
      }
      // Who knows a whole name, from before or from the server's documentation, may go on using it.
      for (const { name, wholeName, ownName } of items) {
        const named = found.get(name);
        if (named && !found.has(wholeName)) found.set(wholeName, { ...named, isRenamed: wholeName !== ownName });
      }
      return items
        .filter(({ item }) => item.live)
        .map(({ name, ownName, item: { item, isReshaped } }) => {
          // A client that knows a schema refuses what does not fit it, and what is without structured content.
          const said = list === 'tools' && isReshaped?.(ownName) ? item.without('outputSchema') : item;
          return name === ownName ? said : said.withValue('name', name);
        });
    };
    this.#isAlone = sources.length === 1;
    const tools = named('tools', this.#tools);
    const prompts = named('prompts', this.#prompts);
    const templates: ObjectText[] = [];
    for (const from of sources) {
      for (const resource of from.offer.resources) {
        const uri = resource.text('uri') ?? '';
        if (!this.#resources.has(uri) && from.allows('resource', uri)) this.#resources.set(uri, from);
      }
      for (const item of from.offer.resourceTemplates) {
        const template = item.text('uriTemplate') ?? '';
        this.#templates.push({ template, from });
        if (!this.#publishers.has(template) && from.allows('resource', template)) this.#publishers.set(template, from);
        if (from.live && this.#publishers.get(template) === from) templates.push(item);
      }
    }
    const live = sources.filter((source) => source.live);
    this.#lists = {
      tools,
      prompts,
      resources: live.flatMap((from) =>
        from.offer.resources.filter((resource) => this.#resources.get(resource.text('uri') ?? '') === from),
      ),
      resourceTemplates: templates,
    };
  }

  list(name: ListName): readonly ObjectText[] {
    return this.#lists[name];
  }

  /** One page of a list as it is written; kept, because clients ask for the same again. */
  page(name: ListName, start: number, metadata: ObjectText): ObjectText {
    const key = `${name} ${start}`;
    const kept = this.#pages.get(key);
    if (kept?.metadata === metadata) return kept.text;
    const text = page(name, this.#lists[name], start, metadata);
    // Only starts that some answer gave: others are a client's own choice, and there may be many.
    if (start % PAGE_ITEMS === 0 && start <= this.#lists[name].length) this.#pages.set(key, { metadata, text });
    return text;
  }

  /** The tools of the list, each with its server. */
  get offeredTools(): readonly OfferedTool<S>[] {
    this.#offeredTools ??= this.#lists.tools.flatMap((item) => {
      const name = item.text('name') ?? '';
      const found = this.#tools.get(name);
      return found ? [{ ...found, name }] : [];
    });
    return this.#offeredTools;
  }

  tool(name: string): Found<S> | undefined {
    return this.#tools.get(name);
  }

  prompt(name: string): Found<S> | undefined {
    return this.#prompts.get(name);
  }

  /**
   * The server that has this resource, or the template that says most of it; the first in the order of the configuration. Among several servers
   * a template that fits every scheme makes nobody the owner.
   */
  ownerOf(uri: string): S | undefined {
    const owner = this.#resources.get(uri);
    if (owner !== undefined) return owner.source;
    let found: { readonly source: S; readonly length: number } | undefined;
    for (const { template, from } of this.#templates) {
      const { length } = fixedStart(template);
      const isSaid = hasScheme(template) || this.#isAlone;
      const isBetter = isSaid && length > (found?.length ?? -1);
      if (isBetter && templateMatches(template, uri) && from.allows('resource', uri)) {
        found = { source: from.source, length };
      }
    }
    return found?.source;
  }

  /** Whether a server lists this very resource, or publishes this very template, so that nothing has to be found out about it. */
  lists(address: string): boolean {
    return this.#resources.has(address) || this.#publishers.has(address);
  }

  /** The server that published this template, as it is written. */
  ownerOfTemplate(template: string): S | undefined {
    return this.#publishers.get(template)?.source ?? this.ownerOf(template);
  }
}
