import { isDeepStrictEqual } from 'node:util';
import { parseJsonText } from '@lockgate/abi/without-guests';
import { ObjectText } from '../protocol/frame/object-text.ts';

/** An answer of MCP, as it came; nothing of it is re-typed. */
export type McpResult = Readonly<Record<string, unknown>>;

/** The data inside an answer that labels speak of, and the way back from filtered data to an answer. */
export interface PayloadView {
  /** Parsed JSON, or lines of a text, or undefined where the answer holds neither. */
  readonly payload: unknown;
  /** How many content blocks are no copy of the payload. */
  readonly otherBlocks: number;
  /** Whether the answer has something around payload and blocks that no label can point at, such as `_meta`. */
  readonly isSurrounded: boolean;
  /** The answer with other data in every copy; other blocks, and what surrounds all of it, only where they may be kept. */
  rebuild(payload: unknown, keep: { readonly otherBlocks: boolean; readonly around: boolean }): McpResult;
}

interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** Keys under which servers put a text that is all they have; they say nothing. */
const WRAPPERS: ReadonlySet<string> = new Set(['content', 'result']);

/** The members of answers that are no tool's and that labels speak of, by one that tells which answer it is. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  contents: ['contents'],
  messages: ['messages', 'description'],
  completion: ['completion'],
};

/**
 * Finds the payload of an answer. A tool's is its structured content, else the JSON or the lines of its only text;
 * text and structured content that repeat each other are one payload. The payload of a resource or a prompt is the
 * answer itself. Source: ABI.md §2, "Path labels"; DIFC.md, "A filtered result keeps its envelope".
 *
 * @throws TypeError where the payload is a text in which a key comes twice: labels of it could mean either.
 */
export function viewPayload(result: McpResult): PayloadView {
  return Array.isArray(result.content) ? viewToolResult(result, result.content) : viewOther(result);
}

function viewOther(result: McpResult): PayloadView {
  const kind = Object.keys(MEMBERS).find((key) => Object.hasOwn(result, key));
  const isPayload = (key: string): boolean =>
    kind === undefined ? key !== '_meta' : MEMBERS[kind]?.includes(key) === true;
  const payload = only(result, isPayload);
  const isSurrounded = Object.entries(result).some(([key, value]) => !isPayload(key) && !isEnvelope(key, value));
  return {
    payload,
    otherBlocks: 0,
    isSurrounded,
    rebuild: (next, { around }) => {
      const rest = only(result, (key, value) => !isPayload(key) && (around || isEnvelope(key, value)));
      return { ...(next as McpResult), ...rest };
    },
  };
}

function viewToolResult(result: McpResult, content: readonly unknown[]): PayloadView {
  const texts = content.filter(isText);
  const structured = result.structuredContent;
  const [first, ...others] = texts;
  const single = others.length === 0 ? first : undefined;
  if (structured !== undefined && !(single && isWrapped(structured, single.text))) {
    const copies = new Set<unknown>(texts.filter(({ text }) => isDeepStrictEqual(tryJson(text), structured)));
    return view(result, content, copies, { payload: structured, toText: writeLike, toStructured: (next) => next });
  }
  if (!single) return view(result, content, new Set(), { payload: undefined, toText: (text) => text });
  const parsed = tryJson(single.text);
  if (parsed === AMBIGUOUS) throw new TypeError('they speak of a text in which a key comes twice.');
  const payload = parsed ?? single.text.split('\n');
  const toText = (text: string, next: unknown): string =>
    parsed === undefined ? (next as string[]).join('\n') : writeLike(text, next);
  const copies = new Set<unknown>([single]);
  if (structured === undefined) return view(result, content, copies, { payload, toText });
  const wrap = (next: unknown): unknown =>
    Object.fromEntries(Object.keys(structured as object).map((key) => [key, toText(single.text, next)]));
  const isUnderKeys = Object.keys(structured as object).some((key) => !WRAPPERS.has(key));
  return view(result, content, copies, { payload, toText, toStructured: wrap, isUnderKeys });
}

interface Copies {
  readonly payload: unknown;
  /** The text that had this text, with other data. */
  readonly toText: (text: string, next: unknown) => string;
  readonly toStructured?: (next: unknown) => unknown;
  /** The structured content is the text under keys that may say something, and no label speaks of. */
  readonly isUnderKeys?: boolean;
}

function view(
  result: McpResult,
  content: readonly unknown[],
  copies: ReadonlySet<unknown>,
  { payload, toText, toStructured, isUnderKeys = false }: Copies,
): PayloadView {
  const isKnown = (key: string, value: unknown): boolean =>
    key === 'content' || key === 'structuredContent' || isEnvelope(key, value);
  const isPlain = (block: unknown): boolean => Object.keys(block as object).length === 2;
  const isBare = Object.entries(result).every(([key, value]) => isKnown(key, value));
  return {
    payload,
    otherBlocks: content.length - copies.size,
    isSurrounded: isUnderKeys || !isBare || [...copies].some((block) => !isPlain(block)),
    rebuild(next, keep) {
      const blocks = content.filter((block) => keep.otherBlocks || copies.has(block));
      const rebuilt = {
        ...only(result, (key, value) => key !== 'structuredContent' && (keep.around || isKnown(key, value))),
        content: blocks.map((block) => {
          if (!copies.has(block)) return block;
          const { type, text, ...more } = block as TextBlock;
          return { type, text: toText(text, next), ...(keep.around && more) };
        }),
      };
      if (!toStructured || (isUnderKeys && !keep.around)) return rebuilt;
      return { ...rebuilt, structuredContent: toStructured(next) };
    },
  };
}

/** Members that say nothing but what kind of answer it is. */
function isEnvelope(key: string, value: unknown): boolean {
  return (key === 'isError' && typeof value === 'boolean') || (key === 'resultType' && value === 'complete');
}

function only(result: McpResult, isWanted: (key: string, value: unknown) => boolean): McpResult {
  return Object.fromEntries(Object.entries(result).filter(([key, value]) => isWanted(key, value)));
}

function isText(block: unknown): block is TextBlock {
  return (
    typeof block === 'object' &&
    block !== null &&
    'type' in block &&
    block.type === 'text' &&
    'text' in block &&
    typeof block.text === 'string'
  );
}

/** Whether structured content is nothing but the text again, as the value of every property. */
function isWrapped(structured: unknown, text: string): boolean {
  if (typeof structured !== 'object' || structured === null) return false;
  const values = Object.values(structured);
  return values.length > 0 && values.every((value) => value === text);
}

/** In place of a value that two readers would read differently. */
const AMBIGUOUS = Symbol('a key comes twice');

/** The object or array that a text holds; undefined for any other text. */
function tryJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch {
    return undefined;
  }
  try {
    ObjectText.read(Buffer.from(`{"it":${text}}`), { unique: true });
    return value;
  } catch {
    return AMBIGUOUS;
  }
}

/** JSON with the line breaks that the text it replaces had. */
function writeLike(text: string, value: unknown): string {
  return JSON.stringify(value, null, /^\s*[[{]\s*\n( +)/.exec(text)?.[1]);
}
