import { ObjectText } from '../protocol/frame/object-text.ts';
import { isMembers } from '../query/exact-json.ts';
import type { KeptAnswer } from './answer-store.ts';
import { byteRange } from './byte-range.ts';
import { keptUri } from './kept-uri.ts';
import { typeSkeleton } from './type-skeleton.ts';

/** An answer that is too long to be given. */
export interface LongAnswer {
  /** All of it, as it is kept. */
  readonly text: string;
  /** As a list or object, where it is one. */
  readonly value: unknown;
  /** Bytes above which it is long: no more of it is given. */
  readonly limit: number;
  readonly tool: string;
}

export interface CutOptions {
  /** Of the part that is given. */
  readonly previewBytes: number;
  /** Undefined where it could not be kept. */
  readonly kept: KeptAnswer | undefined;
  readonly keepMs: number;
  /** Whether the client knows blocks that are links. */
  readonly takesLinks: boolean;
}

/** The blocks in place of a long answer: its beginning, what it is part of, its type, and how to get the rest. */
export function cutBlocks(answer: LongAnswer, options: CutOptions): ObjectText[] {
  const { text, value, tool, limit } = answer;
  const { previewBytes, kept, keepMs, takesLinks } = options;
  const whole = Buffer.from(text);
  const { part, end } = byteRange(whole, 0, Math.min(previewBytes, limit));
  const parts = [
    `[Cut: the first ${told(end)} of ${told(whole.length)} bytes.`,
    kept ? howToRead(kept, end, Math.round(keepMs / 60_000), exampleQuery(value)) : NOT_KEPT,
    ...(value === undefined ? [] : [`Type: ${typeSkeleton(value)}`]),
  ];
  const blocks = [part.toString('utf8'), `${parts.join(' ')}]`].map((one) =>
    ObjectText.from({ type: 'text', text: one }),
  );
  if (!kept || !takesLinks) return blocks;
  const mimeType = mimeTypeOf(kept);
  const link = {
    type: 'resource_link',
    uri: keptUri(kept.id),
    name: `Answer of ${tool}`,
    mimeType,
    size: kept.byteLength,
  };
  return [...blocks, ObjectText.from(link)];
}

export function mimeTypeOf({ isJson }: KeptAnswer): string {
  return isJson ? 'application/json' : 'text/plain';
}

const NOT_KEPT = 'The rest is not kept: ask the tool for less, or for single fields.';

function howToRead({ id }: KeptAnswer, end: number, minutes: number, example: string | undefined): string {
  const uri = keptUri(id);
  const query = example === undefined ? '' : ` or, by JMESPath, ${uri}?query=${example}`;
  return (
    `All of it is the resource ${uri} for ${minutes < 1 ? 'less than a minute' : `${minutes} min`}. ` +
    `Read parts: ${uri}?offset=${end}&length=20000${query}. Where there is a tool execute, it takes such an address as "tool".`
  );
}

/** A query that finds the first elements of the list that a value is or has. */
function exampleQuery(value: unknown): string | undefined {
  if (Array.isArray(value)) return '[0:20]';
  if (!isMembers(value)) return undefined;
  const [name] = Object.entries(value).find(([key, inner]) => /^[A-Za-z_]\w*$/.test(key) && Array.isArray(inner)) ?? [];
  return name === undefined ? 'keys(@)' : `${name}[0:20]`;
}

function told(bytes: number): string {
  return bytes.toLocaleString('en');
}
