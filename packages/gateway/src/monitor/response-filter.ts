import type { ResponseLabelling } from '@lockgate/abi';
import { envelopeOf } from './envelope-of.ts';
import { checkFlow, type FlowViolation } from './flow.ts';
import { join, type Label } from './label.ts';
import { type LabelledItem, type LabelledPayload, labelItems, labelPaths, standaloneItems } from './labeled-paths.ts';
import { type McpResult, type PayloadView, viewPayload } from './payload.ts';

/** What an agent may be given of an answer. */
export interface Filtered {
  /** The answer without the parts that violate; absent where nothing of it may be given. */
  readonly result?: McpResult;
  /** The joined label of the whole answer, to be folded into an agent that is given all of it; none for an empty list. */
  readonly all?: Label;
  /** Secrecy of the parts that do not violate. */
  readonly given: readonly string[];
  /** The joined label of the parts that do not violate; none where there are none. */
  readonly givenLabel?: Label;
  /** Parts that violate. */
  readonly withheld: number;
  /** All labelled parts. */
  readonly total: number;
  /** The tags for which parts violate, all of them together. */
  readonly violation?: FlowViolation;
}

/**
 * Checks an answer part by part against an agent's label. Arrays are cut, what surrounds them stays where it may be read; text and its
 * structured copy are filtered alike. What no label covers is the rest and carries the resource's labels; a content block that is no copy of the
 * payload carries those of all its parts as well. Filtering twice changes nothing more.
 * Source: DIFC.md, phase 5 and "Every way".
 *
 * @throws TypeError - The labels do not fit the answer; the caller denies the call.
 */
export function filterResponse(
  result: McpResult,
  labelling: ResponseLabelling,
  resource: Label,
  agent: Label,
): Filtered {
  if (labelling.kind === 'none') return whole(result, resource, agent);
  const view = viewPayload(result);
  const filter = (labelled: LabelledPayload): Parts => byItems(result, view, labelled, resource, agent);
  if (labelling.kind === 'paths') return filter(labelPaths(view.payload, labelling, resource));
  const mapped = labelItems(view.payload, labelling, resource);
  const cut = mapped && filter(mapped);
  return cut && !cut.isRestRefused ? cut : repeated(result, labelling, resource, agent);
}

/** Without finer labels the resource's speak for everything. */
function whole(result: McpResult, label: Label, agent: Label): Filtered {
  const violation = checkFlow('read', agent, label);
  if (violation) return { all: label, given: [], withheld: 1, total: 1, violation };
  return { result, all: label, given: [...label.secrecy], givenLabel: label, withheld: 0, total: 1 };
}

/** Items that are no list in the answer: whoever may read the resource gets the answer, others the repeated items. */
function repeated(
  result: McpResult,
  labelling: Extract<ResponseLabelling, { kind: 'items' }>,
  resource: Label,
  agent: Label,
): Filtered {
  const { payload, labelled } = standaloneItems(labelling, resource);
  const replaced = { content: [{ type: 'text', text: JSON.stringify(payload) }] };
  const items = byItems(replaced, viewPayload(replaced), labelled, resource, agent);
  const rest = whole(result, resource, agent);
  const violation = merge([items.violation, rest.violation].filter((found) => found !== undefined));
  const counts = {
    all: items.all ? join(items.all, resource) : resource,
    given: [...items.given, ...rest.given],
    withheld: items.withheld + rest.withheld,
    total: items.total + 1,
  };
  if (!violation) return { result, ...counts, givenLabel: counts.all };
  const left = payload.length > 0 ? items.result : undefined;
  const { givenLabel } = items;
  return { ...(left && { result: left }), ...counts, ...(givenLabel && { givenLabel }), violation };
}

interface Parts extends Filtered {
  /** What of the payload no label covers may not be given. */
  readonly isRestRefused: boolean;
}

function byItems(
  result: McpResult,
  view: PayloadView,
  labelled: LabelledPayload,
  resource: Label,
  agent: Label,
): Parts {
  const { items, collection } = labelled;
  // Such as the same data in other words: no part of it may be told there to whom it may not be given here.
  const otherBlocks = items.reduce((joined, { label }) => join(joined, label), labelled.otherBlocks);
  const rest = items.some(({ tokens }) => tokens.length === 0) ? undefined : labelled.rest;
  const violations: FlowViolation[] = [];
  const given: Label[] = [];
  const refused = (label: Label): boolean => {
    const violation = checkFlow('read', agent, label);
    if (violation) violations.push(violation);
    else given.push(label);
    return violation !== undefined;
  };
  const removed = items.filter(({ label }) => refused(label));
  const isRestRefused = rest !== undefined && refused(rest);
  const keepOtherBlocks = view.otherBlocks === 0 || !refused(otherBlocks);
  const keepAround = !view.isSurrounded || !refused(resource);

  const units = [
    ...items.map(({ label }) => label),
    ...(rest ? [rest] : []),
    ...(view.otherBlocks > 0 ? [otherBlocks] : []),
    ...(view.isSurrounded ? [resource] : []),
  ];
  const [first, ...others] = units;
  const [firstGiven, ...othersGiven] = given;
  const givenLabel = firstGiven && othersGiven.reduce(join, firstGiven);
  const violation = merge(violations);
  const counts = {
    ...(first && { all: others.reduce(join, first) }),
    given: [...(givenLabel?.secrecy ?? [])],
    ...(givenLabel && { givenLabel }),
    withheld: violations.length,
    total: units.length,
    isRestRefused,
  };
  if (!violation) return { result, ...counts };
  // An empty list or text that stands for nothing but what was withheld would read as "nothing there".
  const isNothing = violations.length === units.length && Array.isArray(view.payload);
  if (isNothing || removed.some(({ tokens }) => tokens.length === 0)) return { ...counts, violation };
  const left = without(view.payload, removed);
  const cut = !isRestRefused ? left : collection ? envelopeOf(left, collection) : undefined;
  if (isRestRefused && cut === undefined) return { ...counts, violation };
  return { result: view.rebuild(cut, { otherBlocks: keepOtherBlocks, around: keepAround }), ...counts, violation };
}

/** The places to leave out, as a tree over their tokens; `null` is a place itself. */
type Cuts = Map<string, Cuts | null>;

/** The payload without the given parts: array elements are cut out, properties left out. What stays is shared, not copied. */
function without(payload: unknown, removed: readonly LabelledItem[]): unknown {
  const cuts: Cuts = new Map();
  for (const { tokens } of removed) addCut(cuts, tokens);
  return cut(payload, cuts);
}

function addCut(cuts: Cuts, tokens: readonly string[]): void {
  let place: Cuts = cuts;
  for (const [index, token] of tokens.entries()) {
    const inner = place.get(token);
    if (inner === null) return; // something around it goes already
    if (index === tokens.length - 1) place.set(token, null);
    else place = inner ?? setAndGet(place, token);
  }
}

function setAndGet(place: Cuts, token: string): Cuts {
  const inner: Cuts = new Map();
  place.set(token, inner);
  return inner;
}

function cut(value: unknown, cuts: Cuts): unknown {
  const kept = Object.entries(value as object).filter(([token]) => cuts.get(token) !== null);
  const inner = kept.map(([token, child]): [string, unknown] => {
    const deeper = cuts.get(token);
    return [token, deeper ? cut(child, deeper) : child];
  });
  return Array.isArray(value) ? inner.map(([, child]) => child) : Object.fromEntries(inner);
}

function merge(violations: readonly FlowViolation[]): FlowViolation | undefined {
  const [first] = violations;
  if (!first) return undefined;
  return {
    operation: first.operation,
    secrecy: [...new Set(violations.flatMap(({ secrecy }) => secrecy))].sort(),
    integrity: [...new Set(violations.flatMap(({ integrity }) => integrity))].sort(),
  };
}
