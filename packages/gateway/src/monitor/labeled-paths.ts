import { isDeepStrictEqual } from 'node:util';
import type { Labels, ResponseLabelling } from '@lockgate/abi';
import { envelopeOf } from './envelope-of.ts';
import { formatPointer, parsePointer, resolvePointer } from './json-pointer.ts';
import { join, type Label, toLabel } from './label.ts';

/** A part of a payload with labels of its own. */
export interface LabelledItem {
  /** Reference tokens of its place; none is the whole payload. */
  readonly tokens: readonly string[];
  readonly label: Label;
}

/** A payload as its guard labelled it. */
export interface LabelledPayload {
  /** The parts, in the order of the payload. */
  readonly items: readonly LabelledItem[];
  /** The label of all of the payload that no item covers; absent where that is nothing, or the envelope of a collection. */
  readonly rest?: Label;
  /** The collection that the guard has named: the rest may be cut from around it. */
  readonly collection?: readonly string[];
  /** The label of content blocks that are not the payload, beside those of the items. */
  readonly otherBlocks: Label;
}

type Paths = Extract<ResponseLabelling, { kind: 'paths' }>;
type Items = Extract<ResponseLabelling, { kind: 'items' }>;

/**
 * Gives every part of a payload its labels. What no path labels gets the guard's default, and without one the labels of
 * the resource, never empty ones. A label that has no place in the payload was meant for something: what that is cannot be known, so it is an
 * error. Source: DIFC.md; ABI.md §2.
 *
 * @throws TypeError - A path is no JSON Pointer or leads nowhere, or `items_path` leads to no array.
 */
export function labelPaths(payload: unknown, labelling: Paths, resource: Label): LabelledPayload {
  const fallback = labelling.defaultLabels ? toLabel(labelling.defaultLabels) : resource;
  const byPath = new Map<string, LabelledItem>();
  for (const [index, { path, labels }] of labelling.labeledPaths.entries()) {
    const tokens = parsePointer(path);
    if (!tokens) throw new TypeError(`its labeled_paths[${index}] has a path that is no JSON Pointer.`);
    // The path may hold data: its place in the guard's list is told instead.
    if (resolvePointer(payload, tokens) === undefined) {
      throw new TypeError(`its labeled_paths[${index}] leads nowhere in the answer.`);
    }
    const known = byPath.get(path);
    byPath.set(path, { tokens, label: known ? join(known.label, toLabel(labels)) : toLabel(labels) });
  }
  const collection = collectionOf(payload, labelling, [...byPath.values()]);
  // A guard cannot point at them; its default is a word about the payload.
  const otherBlocks = labelling.defaultLabels ? join(fallback, resource) : resource;
  if (!collection) return { items: [...byPath.values()], rest: fallback, otherBlocks };

  const prefix = formatPointer(collection.tokens);
  collection.array.forEach((_, index) => {
    const path = `${prefix}/${index}`;
    if (!byPath.has(path)) byPath.set(path, { tokens: [...collection.tokens, String(index)], label: fallback });
  });
  const isNamed = labelling.itemsPath !== undefined;
  const isSurrounded = isNamed ? envelopeOf(payload, collection.tokens) !== payload : collection.tokens.length > 0;
  return {
    items: [...byPath.values()],
    ...(isSurrounded && { rest: fallback }),
    ...(isNamed && { collection: collection.tokens }),
    otherBlocks,
  };
}

/**
 * Gives labels to the items of the older answer, which repeats the data. Items without labels get the resource's.
 * Where the payload is a list of exactly these data, the items are its elements, and where it is exactly the only one, that is all of it;
 * undefined where it is neither.
 */
export function labelItems(payload: unknown, { items }: Items, resource: Label): LabelledPayload | undefined {
  const [only] = items;
  if (only && items.length === 1 && isDeepStrictEqual(payload, only.data)) {
    return { items: [{ tokens: [], label: own(only.labels, resource) }], otherBlocks: resource };
  }
  const data = items.map((item) => item.data);
  const tokens = placeOf(payload, data);
  if (!tokens) return undefined;
  return {
    items: items.map(({ labels }, index) => ({ tokens: [...tokens, String(index)], label: own(labels, resource) })),
    ...(envelopeOf(payload, tokens) !== payload && { rest: resource }),
    otherBlocks: resource,
  };
}

/** The items of the older answer as a payload of their own, for an answer that is no list of exactly these data. */
export function standaloneItems({ items }: Items, resource: Label): { payload: unknown[]; labelled: LabelledPayload } {
  return {
    payload: items.map((item) => item.data),
    labelled: {
      items: items.map(({ labels }, index) => ({ tokens: [String(index)], label: own(labels, resource) })),
      otherBlocks: resource,
    },
  };
}

function own(labels: Labels | undefined, resource: Label): Label {
  return labels ? toLabel(labels) : resource;
}

/** Where the collection is: as the guard says, else the array that all labelled paths are elements of. */
function collectionOf(
  payload: unknown,
  { itemsPath }: Paths,
  items: readonly LabelledItem[],
): { tokens: readonly string[]; array: readonly unknown[] } | undefined {
  if (itemsPath !== undefined) {
    const tokens = parsePointer(itemsPath);
    const array = tokens && resolvePointer(payload, tokens);
    if (!tokens || !Array.isArray(array)) throw new TypeError('its items_path leads to no array in the answer.');
    return { tokens, array };
  }
  const [first] = items;
  if (!first || first.tokens.length === 0) return undefined;
  const tokens = first.tokens.slice(0, -1);
  const array = resolvePointer(payload, tokens);
  const areElements = items.every(
    (item) => item.tokens.length === tokens.length + 1 && tokens.every((token, index) => item.tokens[index] === token),
  );
  return Array.isArray(array) && areElements ? { tokens, array } : undefined;
}

/** The place of a list with exactly these data: the payload itself, or one of its properties. */
function placeOf(payload: unknown, data: readonly unknown[]): readonly string[] | undefined {
  if (Array.isArray(payload)) return isDeepStrictEqual(payload, data) ? [] : undefined;
  if (typeof payload !== 'object' || payload === null) return undefined;
  const key = Object.entries(payload).find(([, value]) => Array.isArray(value) && isDeepStrictEqual(value, data))?.[0];
  return key === undefined ? undefined : [key];
}
