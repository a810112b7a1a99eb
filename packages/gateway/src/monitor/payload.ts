import { isDeepStrictEqual } from 'node:util';

/** An answer of MCP, as it came; nothing of it is re-typed. */
export type McpResult = Readonly<Record<string, unknown>>;

/** The data inside an answer that labels speak of, and the way back from filtered data to an answer. */
export interface PayloadView {
  /** Parsed JSON, or lines of a text, or undefined where the answer holds neither. */
  readonly payload: unknown;
  /** How many content blocks are no copy of the payload. */
  readonly otherBlocks: number;
  /** The answer with other data in every copy; other blocks only where they may be kept. */
  rebuild(payload: unknown, keepOtherBlocks: boolean): McpResult;
}

interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/**
 * Finds the payload of an answer. A tool's is its structured content, else the JSON or the lines of its only text;
 * text and structured content that repeat each other are one payload. The payload of a resource or a prompt is the
 * answer itself. Source: ABI.md §2, "Path labels"; DIFC.md, "A filtered result keeps its envelope".
 */
export function viewPayload(result: McpResult): PayloadView {
  return Array.isArray(result.content)
    ? viewToolResult(result, result.content)
    : { payload: result, otherBlocks: 0, rebuild: (next) => next as McpResult };
}

function viewToolResult(result: McpResult, content: readonly unknown[]): PayloadView {
  const texts = content.filter(isText);
  const structured = result.structuredContent;
  const only = texts.length === 1 ? texts[0] : undefined;
  if (structured !== undefined && !(only && isWrapped(structured, only.text))) {
    const copies = new Set<unknown>(texts.filter(({ text }) => isDeepStrictEqual(tryJson(text), structured)));
    return view(
      result,
      content,
      copies,
      structured,
      (next, text) => writeLike(text, next),
      (next) => next,
    );
  }
  if (!only)
    return view(
      result,
      content,
      new Set(),
      undefined,
      (_, text) => text,
      () => undefined,
    );
  const parsed = tryJson(only.text);
  const payload = parsed ?? only.text.split('\n');
  const write = (next: unknown): string =>
    parsed === undefined ? (next as string[]).join('\n') : writeLike(only.text, next);
  const wrap = (next: unknown): unknown =>
    structured === undefined
      ? undefined
      : Object.fromEntries(Object.keys(structured as object).map((key) => [key, write(next)]));
  return view(result, content, new Set<unknown>([only]), payload, write, wrap);
}

function view(
  result: McpResult,
  content: readonly unknown[],
  copies: ReadonlySet<unknown>,
  payload: unknown,
  toText: (next: unknown, text: string) => string,
  toStructured: (next: unknown) => unknown,
): PayloadView {
  return {
    payload,
    otherBlocks: content.length - copies.size,
    rebuild(next, keepOtherBlocks) {
      const blocks = content.filter((block) => keepOtherBlocks || copies.has(block));
      const rebuilt = {
        ...result,
        content: blocks.map((block) =>
          copies.has(block) ? { ...(block as TextBlock), text: toText(next, (block as TextBlock).text) } : block,
        ),
      };
      return result.structuredContent === undefined ? rebuilt : { ...rebuilt, structuredContent: toStructured(next) };
    },
  };
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

/** The object or array that a text holds; undefined for any other text. */
function tryJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON with the line breaks that the text it replaces had. */
function writeLike(text: string, value: unknown): string {
  return JSON.stringify(value, null, /^\s*[[{]\s*\n( +)/.exec(text)?.[1]);
}
