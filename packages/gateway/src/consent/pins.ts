import type { Offer } from '../catalog/offer.ts';
import type { PinsSection } from '../config/pins-section.ts';
import type { Logger } from '../logger.ts';
import { type Definition, definitionOf, instructionsOf } from './definition.ts';
import { findingsOf, mustBeLookedAt } from './findings.ts';
import { visible } from './hidden-characters.ts';
import { PinError } from './pin-error.ts';
import { type AllPins, pinKey, readPinFile, type ServerPins, writePinFile } from './pin-file.ts';
import type {
  ApprovedItem,
  Finding,
  PinDesk,
  PinKind,
  PinReport,
  WithheldBecause,
  WithheldItem,
} from './pin-report.ts';

export interface PinsOptions {
  readonly logger: Logger;
  /** What every server offers to all; asked for a report. */
  readonly offers: () => Iterable<{ readonly server: string; readonly offer: Offer | Promise<Offer> }>;
  /** Something is or is not withheld from now on. */
  readonly onChange: () => void;
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
  #mode: PinsSection['mode'] = 'off';
  #file: string | undefined;
  #pins: AllPins = new Map();
  #failure: string | undefined;
  #admitted = new WeakMap<Offer, Offer>();
  readonly #withheld = new Map<string, Map<string, Withheld>>();

  constructor(options: PinsOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#mode !== 'off';
  }

  /** Holds to another configuration; a lock file is read again each time. */
  apply({ mode, file }: PinsSection): void {
    const isSame = mode === this.#mode && file === this.#file;
    if (isSame && mode !== 'lockfile') return;
    const before = this.#digests();
    this.#mode = mode;
    this.#file = file;
    this.#failure = undefined;
    this.#pins = new Map();
    if (mode !== 'off' && file !== undefined) this.#read(file);
    if (isSame && before === this.#digests()) return;
    this.#begin();
    this.#options.onChange();
  }

  /** What a server offers, without what is not approved; the same object for the same offer until something is approved. */
  admit(server: string, offer: Offer): Offer {
    if (this.#mode === 'off') return offer;
    const known = this.#admitted.get(offer);
    if (known) return known;
    const admitted = this.#look(server, offer);
    this.#admitted.set(offer, admitted);
    return admitted;
  }

  /** Why an item is withheld; undefined where it is not. */
  whyWithheld(server: string, kind: PinKind, name: string): WithheldBecause | undefined {
    return this.#withheld.get(server)?.get(pinKey(kind, name))?.because;
  }

  /** The digest of what is approved; undefined where nothing is, or pins are off. */
  digestOf(server: string, kind: PinKind, name: string): string | undefined {
    return this.isOn ? this.#pins.get(server)?.items.get(pinKey(kind, name))?.digest : undefined;
  }

  /** The names of a server's items of one kind that are withheld. */
  namesWithheld(server: string, kind: PinKind): readonly string[] {
    return [...(this.#withheld.get(server)?.values() ?? [])].flatMap((one) => (one.kind === kind ? [one.name] : []));
  }

  async report(): Promise<PinReport> {
    if (this.#mode !== 'off') {
      for (const { server, offer } of this.#options.offers()) this.admit(server, await offer);
    }
    const withheld = [...this.#withheld].flatMap(([server, items]) =>
      [...items.values()].map((one) => this.#told(server, one)),
    );
    return {
      mode: this.#mode,
      ...(this.#file !== undefined && { file: this.#file }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
      pinned: [...this.#pins.values()].reduce((sum, { items }) => sum + items.size, 0),
      withheld,
    };
  }

  approve(items: readonly ApprovedItem[]): void {
    if (this.#mode === 'off') throw new PinError('Pins are off. Set "gateway.pins.mode" in the configuration.');
    if (this.#mode === 'lockfile')
      throw new PinError('Pins come from a lock file. Write it where it is kept: lockgate pins write.');
    if (this.#failure !== undefined) throw new PinError(this.#failure);
    const next = copyOf(this.#pins);
    for (const { server, kind, name, digest } of items) {
      const definition = this.#withheld.get(server)?.get(pinKey(kind, name))?.definition;
      const what = `${kind} ${JSON.stringify(visible(name))} of "${visible(server)}"`;
      if (!definition) throw new PinError(`There is no ${what} that waits to be approved; see: lockgate pins.`);
      if (definition.digest !== digest)
        throw new PinError(`The ${what} has changed again since it was looked at; look at it anew: lockgate pins.`);
      serverPins(next, server).items.set(pinKey(kind, name), definition);
      serverPins(next, server).known.add(kind);
    }
    if (this.#file !== undefined) writePinFile(this.#file, next);
    this.#pins = next;
    for (const { server, kind, name } of items) this.#options.logger.info({ server, kind, name }, 'pinned');
    this.#begin();
    this.#options.onChange();
  }

  async rewrite(): Promise<PinReport> {
    this.#pins = new Map();
    this.#failure = undefined;
    this.#begin();
    const before = await this.report();
    const next: AllPins = new Map();
    for (const [server, items] of this.#withheld) {
      const pins = serverPins(next, server);
      for (const kind of ['tool', 'prompt', 'instructions'] as const) pins.known.add(kind);
      for (const [key, { definition }] of items) if (definition) pins.items.set(key, definition);
    }
    if (this.#file !== undefined) writePinFile(this.#file, next);
    this.#pins = next;
    return before;
  }

  /** Equal as long as the same is approved. */
  #digests(): string {
    const all = [...this.#pins].map(([server, { items }]) => [
      server,
      [...items].map(([key, { digest }]) => [key, digest]),
    ]);
    return JSON.stringify([this.#failure, all]);
  }

  /** Looks at every offer anew, when it is asked for next. */
  #begin(): void {
    this.#admitted = new WeakMap();
    this.#withheld.clear();
  }

  #read(file: string): void {
    try {
      this.#pins = readPinFile(file);
    } catch (error) {
      this.#failure = (error as Error).message;
      this.#options.logger.error({ file, reason: this.#failure }, 'pins cannot be read: no tool is served');
    }
  }

  #look(server: string, offer: Offer): Offer {
    const { original = offer } = offer;
    const offered = offeredBy(server, original);
    if (this.#mode === 'first-use' && this.#failure === undefined) this.#takeFirst(server, offered, original);
    const pins = this.#pins.get(server);
    const isKept = (kind: PinKind, name: string): boolean => {
      const item = offered.get(pinKey(kind, name));
      return item?.definition !== undefined && item.definition.digest === pins?.items.get(pinKey(kind, name))?.digest;
    };
    this.#note(server, offered, isKept);
    return {
      ...offer,
      tools: offer.tools.filter((tool) => isKept('tool', tool.text('name') ?? '')),
      prompts: offer.prompts.filter((prompt) => isKept('prompt', prompt.text('name') ?? '')),
      instructions: isKept('instructions', '') ? offer.instructions : undefined,
    };
  }

  /** What is seen of a server for the first time is approved, unless it is conspicuous. A list that could not be read was not seen. */
  #takeFirst(server: string, offered: ReadonlyMap<string, Offered>, { tools, prompts, failed }: Offer): void {
    if (tools.length === 0 && prompts.length === 0) return;
    const known = this.#pins.get(server)?.known;
    const kinds: PinKind[] = ['instructions'];
    if (!failed?.tools) kinds.push('tool');
    if (!failed?.prompts) kinds.push('prompt');
    const first = kinds.filter((kind) => known?.has(kind) !== true);
    if (first.length === 0) return;
    const next = copyOf(this.#pins);
    const pins = serverPins(next, server);
    for (const kind of first) pins.known.add(kind);
    let count = 0;
    for (const [key, { kind, definition }] of offered) {
      if (!definition || !first.includes(kind)) continue;
      if (mustBeLookedAt(findingsOf(definition, this.#othersThan(definition, offered)))) continue;
      pins.items.set(key, definition);
      count++;
    }
    const { logger } = this.#options;
    this.#pins = next;
    logger.info({ server, items: count }, 'a server was seen for the first time: what it offers is pinned');
    try {
      if (this.#file !== undefined) writePinFile(this.#file, next);
    } catch (error) {
      // They hold until the gateway ends.
      logger.error({ server, reason: (error as Error).message }, 'pins cannot be written');
    }
  }

  #note(server: string, offered: ReadonlyMap<string, Offered>, isKept: (kind: PinKind, name: string) => boolean): void {
    const withheld = this.#withheld.get(server) ?? new Map<string, Withheld>();
    this.#withheld.set(server, withheld);
    for (const [key, item] of offered) {
      const { kind, name, definition } = item;
      const before = withheld.get(key);
      withheld.delete(key);
      if (isKept(kind, name)) continue;
      const hasPin = this.#pins.get(server)?.items.has(key) === true;
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
    for (const { items } of this.#pins.values()) yield* items.values();
    for (const { definition } of offered.values()) {
      if (!definition || (definition.server === server && definition.kind === kind && definition.name === name)) return;
      yield definition;
    }
  }

  #told(server: string, { kind, name, definition, because, findings }: Withheld): WithheldItem {
    const before = this.#pins.get(server)?.items.get(pinKey(kind, name))?.text;
    return {
      server,
      kind,
      name,
      because,
      findings,
      ...(definition && { digest: definition.digest }),
      ...(before !== undefined && { before: visible(before) }),
      after: visible(
        definition?.text ?? 'An object of it has a key twice: some readers take the first, others the last.',
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
      offered.set(pinKey(kind, name), { kind, name, definition: definitionOf({ server, kind, name }, item) });
    }
  }
  if (instructions !== undefined) {
    const kind = 'instructions';
    offered.set(pinKey(kind, ''), { kind, name: '', definition: instructionsOf(server, instructions) });
  }
  return offered;
}

function serverPins(pins: AllPins, server: string): ServerPins {
  const known = pins.get(server) ?? { known: new Set(), items: new Map() };
  pins.set(server, known);
  return known;
}

function copyOf(pins: AllPins): AllPins {
  return new Map(
    [...pins].map(([server, { known, items }]) => [server, { known: new Set(known), items: new Map(items) }]),
  );
}
