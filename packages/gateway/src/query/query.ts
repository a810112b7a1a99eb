import { createRequire } from 'node:module';
import type jmespath from 'jmespath';
import type { Node } from 'jmespath';
import { withinDeadline } from '../within-deadline.ts';
import { ExactNumber } from './exact-json.ts';

/** Longest expression, in characters. */
const MAX_LENGTH = 1_000;

/** How often an expression may write its input down anew, multiplied: `[@, @]` doubles it, and forty of them in a row would never end. */
const MAX_COPIES = 10_000;

/** Longest time of one query, in milliseconds. It runs in the main thread. */
const QUERY_MS = 100;

/** Bytes of data times characters of the expression times copies up to which a query takes some milliseconds at most, so that nobody has to watch it. */
const CHEAP = 2_000_000;

/** Largest result, in values and characters of texts. */
const MAX_RESULT = 16 * 1024 * 1024;

/** Source: JMESPath specification, "Built-in Functions". */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with sum ' +
    'to_array to_number to_string type values'
  ).split(' '),
);

/** The library would make it the prototype of an object in place of a member. */
const NO_MEMBER = '__proto__';

/** A query that is none, or that takes too long or answers too much. The sentence holds none of the data. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

let library: typeof jmespath | undefined;

/** A JMESPath expression: https://jmespath.org/specification.html */
export class Query {
  readonly text: string;
  readonly #copies: number;

  /** @throws QueryError which says what is wrong with the expression. */
  constructor(text: string) {
    if (text.length > MAX_LENGTH) throw new QueryError(`is longer than ${MAX_LENGTH.toLocaleString('en')} characters`);
    let parsed: Node;
    try {
      parsed = loaded().compile(text);
    } catch (error) {
      throw new QueryError(`is no JMESPath: ${error instanceof Error ? error.message : String(error)}`);
    }
    const unknown = unknownFunction(parsed);
    if (unknown !== undefined) throw new QueryError(`is no JMESPath: there is no function ${unknown}()`);
    if (namesNoMember(parsed)) throw new QueryError(`names a member ${NO_MEMBER}, which cannot be made`);
    if (joinsByData(parsed)) throw new QueryError('joins by something that is no literal');
    this.#copies = copies(parsed);
    if (this.#copies > MAX_COPIES) throw new QueryError('has too many lists and objects in one another');
    this.text = text;
  }

  /**
   * What it finds, and null where that is nothing; to be printed, not to be changed.
   *
   * @param byteLength - Of the data as text.
   * @throws QueryError where it takes longer than 100 ms, answers more than 16 Mi values and characters, or does not fit the data.
   */
  find(data: unknown, byteLength: number): unknown {
    const find = (): unknown => {
      const found = loaded().search(data, this.text);
      mustBePrintable(found);
      return found;
    };
    const isCheap = byteLength * this.text.length * this.#copies <= CHEAP;
    try {
      // A machine that is busy with something else looks like a query that takes long.
      return isCheap ? find() : withinDeadline(QUERY_MS, find);
    } catch (error) {
      if (error instanceof QueryError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new QueryError(`takes longer than ${QUERY_MS} ms`);
      // The library's own words name types and functions; others may quote the data.
      const isItsOwn = error instanceof Error && /^TypeError: \w+\(\)/.test(error.message);
      throw new QueryError(`does not fit the data${isItsOwn ? `: ${error.message}` : ''}`);
    }
  }
}

/** Loaded when the first query is made: most gateways have none. */
function loaded(): typeof jmespath {
  library ??= createRequire(import.meta.url)('jmespath') as typeof jmespath;
  return library;
}

/** How often the result may hold what was asked, at most. */
function copies(node: Node): number {
  const parts = partsOf(node);
  const inner = parts.reduce((product, part) => Math.min(product * copies(part), MAX_COPIES + 1), 1);
  return inner * (node.type.startsWith('MultiSelect') ? Math.max(1, parts.length) : 1);
}

function unknownFunction(node: Node): string | undefined {
  const name = node.type === 'Function' ? String(node.name) : undefined;
  if (name !== undefined && !FUNCTIONS.has(name)) return name;
  for (const part of partsOf(node)) {
    const unknown = unknownFunction(part);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function namesNoMember(node: Node): boolean {
  return (node.type === 'KeyValuePair' && node.name === NO_MEMBER) || partsOf(node).some(namesNoMember);
}

/** Whether the data would stand between the elements of a list of itself: a text that grows with the square of them, in one step that nothing interrupts. */
function joinsByData(node: Node): boolean {
  const parts = partsOf(node);
  const isJoin = node.type === 'Function' && node.name === 'join';
  return (isJoin && parts[0]?.type !== 'Literal') || parts.some(joinsByData);
}

function partsOf({ type, children = [], value }: Node): readonly Node[] {
  // The children of a slice are numbers.
  const parts = type === 'KeyValuePair' ? [value] : children;
  return parts.filter((part): part is Node => typeof part === 'object' && part !== null);
}

/** Counts without building anything, since a result may hold the same part many times; and that no member has become a prototype. */
function mustBePrintable(found: unknown): void {
  let left = MAX_RESULT;
  const waiting: unknown[] = [found];
  while (waiting.length > 0) {
    const value = waiting.pop();
    left -= typeof value === 'string' ? value.length + 1 : 1;
    if (left < 0) throw new QueryError('answers more than 16 Mi values and characters; ask for less');
    if (typeof value !== 'object' || value === null) continue;
    if (!isPlain(value)) throw new QueryError(`would make a member ${NO_MEMBER} of an object, which cannot be made`);
    for (const inner of Object.values(value)) waiting.push(inner);
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return [Object.prototype, Array.prototype, ExactNumber.prototype, null].includes(prototype as object | null);
}
