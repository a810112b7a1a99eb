import { createHash } from 'node:crypto';
import { exactObject } from '../protocol/frame/exact-value.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { canonicalJson } from './canonical-json.ts';
import type { PinKind } from './pin-report.ts';

/** Who offers something, and as what. */
export interface PinPlace {
  readonly server: string;
  readonly kind: PinKind;
  readonly name: string;
}

/** Something that a server offers, as a pin sees it. */
export interface Definition extends PinPlace {
  /** All of it, in canonical JSON with line breaks. */
  readonly text: string;
  /** `<version>:<SHA-256 in hex>` over where it is from and all of it. */
  readonly digest: string;
}

/** What a client takes for granted where a server is silent. Source: MCP specification 2025-11-25, `ToolAnnotations` and `ToolExecution`. */
const ANNOTATIONS = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true };
const EXECUTION = { taskSupport: 'forbidden' };

/** How digests are made, by version. An earlier one stays, so that pins of earlier releases are known again. */
const DIGESTS: Readonly<Record<string, (place: PinPlace, definition: unknown) => string>> = {
  1: ({ server, kind, name }, definition) => sha256(canonicalJson({ v: 1, server, kind, name, definition })),
};

const CURRENT = '1';

/**
 * All that a model reads of an item and a client decides by, also members that only some clients know; hints that are left out count as what they stand for.
 *
 * @returns undefined where an object of it has a key twice: one reader takes the first, another the last.
 */
export function definitionOf(place: PinPlace, item: ObjectText): Definition | undefined {
  try {
    const value = exactObject(ObjectText.read(item.toBytes(), { unique: true }));
    return defined(place, place.kind === 'tool' ? withDefaults(value) : value);
  } catch {
    return undefined;
  }
}

export function instructionsOf(server: string, instructions: string): Definition {
  return defined({ server, kind: 'instructions', name: '' }, { instructions });
}

/**
 * What stands in a file of pins, checked against its digest, which may be one of an earlier version; it comes back with one of now.
 *
 * @returns undefined where text and digest do not belong together; `newer` where this release cannot know.
 */
export function readDefinition(
  place: PinPlace,
  text: string,
  digest: string,
  digests: typeof DIGESTS = DIGESTS,
): Definition | 'newer' | undefined {
  const [version = '', hash] = digest.split(':', 2);
  const made = Object.hasOwn(digests, version) ? digests[version] : undefined;
  if (!made) return /^\d+$/.test(version) ? 'newer' : undefined;
  try {
    const value = exactObject(ObjectText.read(Buffer.from(text), { unique: true }));
    return made(place, value) === hash ? defined(place, value) : undefined;
  } catch {
    return undefined;
  }
}

function defined({ server, kind, name }: PinPlace, value: unknown): Definition {
  const hash = DIGESTS[CURRENT]?.({ server, kind, name }, value);
  return { server, kind, name, text: canonicalJson(value, '  '), digest: `${CURRENT}:${hash}` };
}

function withDefaults(tool: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    ...tool,
    annotations: filled(ANNOTATIONS, tool.annotations),
    execution: filled(EXECUTION, tool.execution),
  };
}

function filled(defaults: object, given: unknown): unknown {
  if (given === undefined) return defaults;
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...defaults, ...given } : given;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
