import type { PinRecord } from '../state/pin-record.ts';
import { type Definition, readDefinition } from './definition.ts';
import type { PinKind } from './pin-report.ts';

/** What is approved of one server. */
export interface ServerPins {
  /** Kinds of which the first sight is over: what is new of them is not approved. */
  readonly known: ReadonlySet<PinKind>;
  readonly items: ReadonlyMap<string, Definition>;
}

export type AllPins = ReadonlyMap<string, ServerPins>;

export const NO_PINS: ServerPins = { known: new Set(), items: new Map() };

/** Where an item stands among those of its server. */
export function pinKey(kind: PinKind, name: string): string {
  return `${kind} ${name}`;
}

/** What of kept pins cannot be believed: which item, and whether a newer Lockgate made its digest. */
export interface PinDoubt {
  readonly doubt: 'newer' | 'digest';
  /** Such as `tool "add" of "notes"`. */
  readonly what: string;
}

/** Takes pins as they are kept, each checked against its digest. */
export function readServerPins(server: string, { known, items }: PinRecord): ServerPins | PinDoubt {
  const read = new Map<string, Definition>();
  for (const { kind, name, digest, definition: lines } of items) {
    const definition = readDefinition({ server, kind, name }, lines.join('\n'), digest);
    const what = `${kind} ${JSON.stringify(name)} of "${server}"`;
    if (definition === 'newer') return { doubt: 'newer', what };
    if (!definition) return { doubt: 'digest', what };
    read.set(pinKey(kind, name), definition);
  }
  return { known: new Set(known), items: read };
}

/** Pins as they are kept: the same for the same pins. */
export function keptServerPins({ known, items }: ServerPins): PinRecord {
  return {
    known: [...known].sort(),
    items: [...items]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { kind, name, digest, text }]) => ({ kind, name, digest, definition: text.split('\n') })),
  };
}

/** Whether the same is approved by both. */
export function areSamePins(one: ServerPins, other: ServerPins): boolean {
  if (one === other) return true;
  if (one.items.size !== other.items.size || one.known.size !== other.known.size) return false;
  for (const kind of one.known) if (!other.known.has(kind)) return false;
  for (const [key, { digest }] of one.items) if (other.items.get(key)?.digest !== digest) return false;
  return true;
}
