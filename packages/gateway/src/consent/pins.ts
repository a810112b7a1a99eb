import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import type { PinsSection } from '../config/pins-section.ts';
import type { Logger } from '../logger.ts';
import type { StateStore } from '../state/state-store.ts';
import { type Definition, definitionOf, instructionsOf } from './definition.ts';
import { findingsOf, mustBeLookedAt } from './findings.ts';
import { visible } from './hidden-characters.ts';
import { PinBook } from './pin-book.ts';
import { PinError } from './pin-error.ts';
import type {
  ApprovedItem,
  Finding,
  PinDesk,
  PinKind,
  PinnedItem,
  PinReport,
  WithheldBecause,
  WithheldItem,
} from './pin-report.ts';
import { pinKey } from './server-pins.ts';

export interface PinsOptions {
  readonly store: StateStore;
  readonly logger: Logger;
  /** What every server offers to all; asked for a report. */
  readonly offers: () => Iterable<{ readonly server: string; readonly offer: Offer | Promise<Offer> }>;
  /** Something is or is not withheld from now on: of one server, or of any. */
  readonly onChange: (server?: string) => void;
}

interface Offered {
  readonly kind: PinKind;
  readonly name: string;
  readonly definition: Definition | undefined;
}

interface Withheld extends Offered {
  readonly because: WithheldBecause;
  readonly findings: readonly Finding[];
}

/** Items of one server that are remembered as withheld: it may offer other names again and again. */
const MAX_WITHHELD = 10_000;

/**
 * Keeps from clients what nobody has approved of what servers offer: tools, prompts and instructions, each alone. Every list, call and search goes through
 * {@link admit}; an offer is looked at once.
 */
export class Pins implements PinDesk {
  readonly #options: PinsOptions;
  readonly #book: PinBook;
  #isOn = false;
  #admitted = new WeakMap<Offer, Offer>();
  readonly #withheld = new Map<string, Map<string, Withheld>>();

  constructor(options: PinsOptions) {
    this.#options = options;
    const { store, logger } = options;
    this.#book = new PinBook({ store, logger, onChange: (server) => this.#changed(server) });
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Holds to another configuration; a lock file is read again each time. */
  apply(section: PinsSection): void {
    this.#isOn = section.mode !== 'off';
    if (!this.#book.apply(section)) return;
    this.#withheld.clear();
    this.#changed();
  }

  /**
   * What a server offers, without what is not approved; the same object for the same offer until something is approved. At once, but for a server that
   * is seen for the first time.
   *
   * @throws GATEWAY_STATE where it cannot be known what is approved.
   */
  admit(server: string, offer: Offer): Offer | Promise<Offer> {
    // What the gateway says in place of a server that has said nothing yet is no news of that server.
    if (!this.isOn || offer.original === EMPTY_OFFER) return offer;
    const known = this.#admitted.get(offer);
    if (known) return known;
    if (this.#book.isLoaded(server) && this.#firstKinds(server, offer).length === 0) return this.#look(server, offer);
    return this.#lookFirst(server, offer);
  }

  /** Why an item is withheld; undefined where it is not. */
  whyWithheld(server: string, kind: PinKind, name: string): WithheldBecause | undefined {
    return this.#withheld.get(server)?.get(pinKey(kind, name))?.because;
  }

  /** The digest of what is approved; undefined where nothing is, or pins are off. */
  digestOf(server: string, kind: PinKind, name: string): string | undefined {
    return this.isOn ? this.#book.of(server)?.items.get(pinKey(kind, name))?.digest : undefined;
  }

  /** The names of a server's items of one kind that are withheld. */
  namesWithheld(server: string, kind: PinKind): readonly string[] {
    return [...(this.#withheld.get(server)?.values() ?? [])].flatMap((one) => (one.kind === kind ? [one.name] : []));
  }

  async report(): Promise<PinReport> {
    const offered = new Map<string, ReadonlyMap<string, unknown>>();
    for (const { server, offer } of this.isOn ? this.#options.offers() : []) {
      const known = await offer;
      await this.admit(server, known);
      offered.set(server, offeredBy(server, known.original ?? known));
    }
    for (const server of this.#withheld.keys()) if (!offered.has(server)) this.#withheld.delete(server);
    const { mode, file, failure, all } = this.#book;
    const withheld = [...this.#withheld].flatMap(([server, items]) =>
      [...items].map(([key, one]) => {
        const now = offered.get(server);
        // A server that is down offers nothing, which says nothing about its items.
        return this.#told(server, one, now === undefined || now.size === 0 || now.has(key));
      }),
    );
    return {
      mode,
      ...(file !== undefined && { file }),
      ...(failure !== undefined && { failure }),
      pinned: [...all.values()].reduce((sum, { items }) => sum + items.size, 0),
      withheld,
    };
  }

  async approve(items: readonly ApprovedItem[]): Promise<void> {
    this.#mustBeChangeable();
    const definitions = items.map(({ server, kind, name, digest }) => {
      const definition = this.#withheld.get(server)?.get(pinKey(kind, name))?.definition;
      const what = `${kind} ${JSON.stringify(visible(name))} of "${visible(server)}"`;
      if (!definition) throw new PinError(`There is no ${what} that waits to be approved; see: lockgate pins.`);
      if (definition.digest !== digest)
        throw new PinError(`The ${what} has changed again since it was looked at; look at it anew: lockgate pins.`);
      return definition;
    });
    for (const [server, approved] of Map.groupBy(definitions, (definition) => definition.server)) {
      await this.#book.load(server);
      await this.#book.change(server, ({ known, items: pinned }) => ({
        known: new Set([...known, ...approved.map(({ kind }) => kind)]),
        items: new Map([...pinned, ...approved.map((one) => [pinKey(one.kind, one.name), one] as const)]),
      }));
    }
    for (const { server, kind, name } of items) {
      this.#withheld.get(server)?.delete(pinKey(kind, name));
      this.#options.logger.info({ server, kind, name }, 'pinned');
    }
    this.#changed();
  }

  async forget(items: readonly PinnedItem[]): Promise<void> {
    this.#mustBeChangeable();
    for (const { server, kind, name } of items) {
      if (this.#withheld.get(server)?.has(pinKey(kind, name)) === true) continue;
      await this.#book.load(server);
      if (this.#book.of(server)?.items.has(pinKey(kind, name)) === true) continue;
      const what = `${kind} ${JSON.stringify(visible(name))} of "${visible(server)}"`;
      throw new PinError(`Nothing is remembered of a ${what}; see: lockgate pins.`);
    }
    for (const [server, forgotten] of Map.groupBy(items, (item) => item.server)) {
      const keys = new Set(forgotten.map(({ kind, name }) => pinKey(kind, name)));
      await this.#book.load(server);
      await this.#book.change(server, (pins) => {
        const kept = [...pins.items].filter(([key]) => !keys.has(key));
        return kept.length === pins.items.size ? pins : { ...pins, items: new Map(kept) };
      });
      for (const key of keys) this.#withheld.get(server)?.delete(key);
    }
    for (const { server, kind, name } of items) this.#options.logger.info({ server, kind, name }, 'a pin is forgotten');
    this.#changed();
  }

  async rewrite(unseen: readonly string[] = []): Promise<PinReport> {
    const next = new Map([...this.#book.all].filter(([server]) => unseen.includes(server)));
    this.#book.clear();
    this.#withheld.clear();
    this.#begin();
    const before = await this.report();
    for (const [server, items] of this.#withheld) {
      const pinned = [...items].flatMap(([key, { definition }]) => (definition ? [[key, definition] as const] : []));
      next.set(server, { known: new Set(['tool', 'prompt', 'instructions']), items: new Map(pinned) });
    }
    await this.#book.replace(next);
    this.#withheld.clear();
    this.#begin();
    return before;
  }

  #mustBeChangeable(): void {
    const { mode, failure } = this.#book;
    if (mode === 'off') throw new PinError('Pins are off. Set "gateway.pins.mode" in the configuration.');
    if (mode === 'lockfile')
      throw new PinError('Pins come from a lock file. Write it where it is kept: lockgate pins write.');
    if (failure !== undefined) throw new PinError(failure);
  }

  #changed(server?: string): void {
    this.#begin();
    this.#options.onChange(server);
  }

  /** Looks at every offer anew, when it is asked for next. */
  #begin(): void {
    this.#admitted = new WeakMap();
  }

  #look(server: string, offer: Offer): Offer {
    const { original = offer } = offer;
    const offered = offeredBy(server, original);
    const pins = this.#book.of(server);
    const isKept = (kind: PinKind, name: string): boolean => {
      const item = offered.get(pinKey(kind, name));
      return item?.definition !== undefined && item.definition.digest === pins?.items.get(pinKey(kind, name))?.digest;
    };
    this.#note(server, offered, isKept);
    const admitted = {
      ...offer,
      tools: offer.tools.filter((tool) => isKept('tool', tool.text('name') ?? '')),
      prompts: offer.prompts.filter((prompt) => isKept('prompt', prompt.text('name') ?? '')),
      instructions: isKept('instructions', '') ? offer.instructions : undefined,
    };
    this.#admitted.set(offer, admitted);
    return admitted;
  }

  /** What is seen of a server for the first time is approved, unless it is conspicuous. */
  async #lookFirst(server: string, offer: Offer): Promise<Offer> {
    await this.#book.load(server);
    const first = this.#firstKinds(server, offer);
    if (first.length > 0) await this.#takeFirst(server, first, offeredBy(server, offer.original ?? offer));
    return this.#admitted.get(offer) ?? this.#look(server, offer);
  }

  /** What of an offer is seen for the first time. A list that could not be read was not seen. */
  #firstKinds(server: string, { original, ...offer }: Offer): readonly PinKind[] {
    const { tools, prompts, failed } = original ?? offer;
    if (!this.#book.takesFirst || (tools.length === 0 && prompts.length === 0)) return [];
    const known = this.#book.of(server)?.known;
    const kinds: PinKind[] = ['instructions'];
    if (!failed?.tools) kinds.push('tool');
    if (!failed?.prompts) kinds.push('prompt');
    return kinds.filter((kind) => known?.has(kind) !== true);
  }

  async #takeFirst(server: string, first: readonly PinKind[], offered: ReadonlyMap<string, Offered>): Promise<void> {
    const taken = [...offered].flatMap(([key, { kind, definition }]) => {
      if (!definition || !first.includes(kind)) return [];
      const findings = findingsOf(definition, this.#othersThan(definition, offered));
      return mustBeLookedAt(findings) ? [] : [{ key, kind, definition }];
    });
    let count = 0;
    await this.#book.changeAnyway(server, (pins) => {
      // Another gateway may have seen it first.
      const mine = taken.filter(({ kind }) => !pins.known.has(kind));
      if (first.every((kind) => pins.known.has(kind))) return pins;
      count = mine.length;
      return {
        known: new Set([...pins.known, ...first]),
        items: new Map([...pins.items, ...mine.map(({ key, definition }) => [key, definition] as const)]),
      };
    });
    if (count > 0)
      this.#options.logger.info(
        { server, items: count },
        'a server was seen for the first time: what it offers is pinned',
      );
  }

  #note(server: string, offered: ReadonlyMap<string, Offered>, isKept: (kind: PinKind, name: string) => boolean): void {
    const withheld = this.#withheld.get(server) ?? new Map<string, Withheld>();
    this.#withheld.set(server, withheld);
    for (const [key, item] of offered) {
      const { kind, name, definition } = item;
      const before = withheld.get(key);
      withheld.delete(key);
      if (isKept(kind, name)) continue;
      const hasPin = this.#book.of(server)?.items.has(key) === true;
      const because = definition === undefined ? 'ambiguous' : hasPin ? 'changed' : 'new';
      const findings = definition ? findingsOf(definition, this.#othersThan(definition, offered)) : [];
      withheld.set(key, { ...item, because, findings });
      if (before?.definition?.digest === definition?.digest && before !== undefined) continue;
      const said = findings.map(({ text }) => text);
      this.#options.logger.warn(
        { server, kind, name: visible(name), because, ...(said.length > 0 && { findings: said }) },
        'something that a server offers is withheld until somebody approves it: lockgate pins',
      );
    }
    for (const key of withheld.keys()) {
      if (withheld.size <= MAX_WITHHELD) break;
      withheld.delete(key);
    }
  }

  /** What names are compared with: all that is approved, and what comes before it in the same offer. */
  *#othersThan({ server, kind, name }: Definition, offered: ReadonlyMap<string, Offered>): Iterable<Definition> {
    for (const { items } of this.#book.all.values()) yield* items.values();
    for (const { definition } of offered.values()) {
      if (!definition || (definition.server === server && definition.kind === kind && definition.name === name)) return;
      yield definition;
    }
  }

  #told(server: string, { kind, name, definition, because, findings }: Withheld, isOffered: boolean): WithheldItem {
    const before = this.#book.of(server)?.items.get(pinKey(kind, name))?.text;
    return {
      server,
      kind,
      name,
      because,
      isOffered,
      findings,
      ...(definition && { digest: definition.digest }),
      ...(before !== undefined && { before: visible(before) }),
      after: visible(
        definition?.text ??
          'It is offered twice, or an object of it has a key twice: some readers take the first, others the last.',
      ),
    };
  }
}

function offeredBy(server: string, { tools, prompts, instructions }: Offer): ReadonlyMap<string, Offered> {
  const offered = new Map<string, Offered>();
  for (const [kind, items] of [
    ['tool', tools],
    ['prompt', prompts],
  ] as const) {
    for (const item of items) {
      const name = item.text('name') ?? '';
      const key = pinKey(kind, name);
      const definition = definitionOf({ server, kind, name }, item);
      // Of a name that comes twice one reader takes the first and another the last.
      const isOther = offered.has(key) && offered.get(key)?.definition?.digest !== definition?.digest;
      offered.set(key, { kind, name, definition: isOther ? undefined : definition });
    }
  }
  if (instructions !== undefined) {
    const kind = 'instructions';
    offered.set(pinKey(kind, ''), { kind, name: '', definition: instructionsOf(server, instructions) });
  }
  return offered;
}
