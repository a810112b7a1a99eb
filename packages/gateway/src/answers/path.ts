import { parsePointer } from '../monitor/json-pointer.ts';
import { isMembers } from '../query/exact-json.ts';

/** Paths of a plugin that count: each name of an answer may be compared with all of them. */
const MAX_SPECS = 100;

/** One step of a path: a member's name, or every name of a pattern. */
type Step = string | NamePattern;

/** A place in an answer. A step from a list goes into each of its elements, so one path names a field of all of them. */
export type Path = readonly Step[];

/**
 * The path of a JSON Pointer.
 *
 * @throws TypeError where it is none. Configurations are checked before.
 */
export function pathOf(pointer: string): Path {
  const tokens = parsePointer(pointer);
  if (!tokens) throw new TypeError(`"${pointer}" is no JSON Pointer.`);
  return tokens;
}

/** What a plugin wants kept and left out of a tool's answers. */
export interface SpecPaths {
  readonly fields: readonly Path[];
  readonly omit: readonly Path[];
}

/**
 * The paths of a plugin's `compact_specs`: `title`, `user.login`, `labels[].name`, `user.*`, and with a `-` before it what is left out, `*` meaning any letters.
 * The first hundred count.
 * A name after `:` is another name for the field and is passed over.
 */
export function specPaths(specs: readonly string[]): SpecPaths {
  const paths = specs
    .slice(0, MAX_SPECS)
    .map((spec) => ({ isOmitted: spec.startsWith('-'), path: specPath(spec) }))
    .filter(({ path }) => path.length > 0);
  return {
    fields: paths.filter(({ isOmitted }) => !isOmitted).map(({ path }) => path),
    omit: paths.filter(({ isOmitted }) => isOmitted).map(({ path }) => path),
  };
}

function specPath(spec: string): Path {
  const [bare = ''] = spec.replace(/^-/, '').split(':');
  const names = bare
    .split('.')
    .map((name) => name.replace(/\[\]$/, ''))
    .filter((name) => name !== '');
  // All of what stands before it.
  if (names.length > 1 && names.at(-1) === '*') names.pop();
  return names.map((name) => (name.includes('*') ? new NamePattern(name) : name));
}

/** Names with any letters where the pattern has a star. It takes the time of one look at the name, whatever stars there are. */
class NamePattern {
  readonly source: string;
  readonly #parts: readonly string[];

  constructor(source: string) {
    this.source = source;
    this.#parts = source.split('*');
  }

  test(name: string): boolean {
    const first = this.#parts[0] ?? '';
    const last = this.#parts.at(-1) ?? '';
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of this.#parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  }
}

/** The paths as a tree, so that a value is walked once however many there are. Null is the end of a path. */
interface Branch {
  readonly names: Map<string, Branch | null>;
  readonly patterns: [NamePattern, Branch | null][];
}

/** Paths to look for in many answers. */
export class Paths {
  readonly #root: Branch | null;

  constructor(paths: readonly Path[]) {
    const root: Branch = { names: new Map(), patterns: [] };
    for (const path of paths) add(root, path);
    this.#root = paths.some((path) => path.length === 0) ? null : root;
  }

  /** Only what the paths lead to, in what is around it; undefined where they lead nowhere. */
  keep(value: unknown): unknown {
    return keep(value, this.#root);
  }

  /** All but what the paths lead to. */
  omit(value: unknown): unknown {
    return omit(value, this.#root);
  }
}

function add(root: Branch, path: Path): void {
  let branch = root;
  for (const [index, step] of path.entries()) {
    const known = next(branch, step);
    // What is around it is meant already.
    if (known === null) return;
    const isLast = index === path.length - 1;
    if (known && !isLast) {
      branch = known;
      continue;
    }
    const made: Branch | null = isLast ? null : { names: new Map(), patterns: [] };
    if (typeof step === 'string') branch.names.set(step, made);
    else branch.patterns.push([step, made]);
    if (made) branch = made;
  }
}

function next({ names, patterns }: Branch, step: Step): Branch | null | undefined {
  if (typeof step === 'string') return names.get(step);
  return patterns.find(([pattern]) => pattern.source === step.source)?.[1];
}

/** Undefined where no path leads to a member of this name. */
function branchOf(branch: Branch, name: string): Branch | null | undefined {
  const known = branch.names.get(name);
  return known === undefined ? branch.patterns.find(([pattern]) => pattern.test(name))?.[1] : known;
}

function keep(value: unknown, branch: Branch | null): unknown {
  if (branch === null) return value;
  if (Array.isArray(value)) return keepElements(value, branch);
  if (!isMembers(value)) return undefined;
  const members: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const deeper = branchOf(branch, name);
    const kept = deeper === undefined ? undefined : keep(inner, deeper);
    if (kept !== undefined) members.push([name, kept]);
  }
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

/** A list that lost everything would read as an empty one. */
function keepElements(list: readonly unknown[], branch: Branch): unknown {
  if (list.length === 0) return list;
  const kept = list.map((element) => keep(element, branch));
  if (kept.every((element) => element === undefined)) return undefined;
  return kept.map((element) => element ?? {});
}

function omit(value: unknown, branch: Branch | null): unknown {
  if (branch === null) return undefined;
  if (Array.isArray(value)) return value.map((element) => omit(element, branch));
  if (!isMembers(value)) return value;
  const members: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const deeper = branchOf(branch, name);
    if (deeper !== null) members.push([name, deeper === undefined ? inner : omit(inner, deeper)]);
  }
  return Object.fromEntries(members);
}
