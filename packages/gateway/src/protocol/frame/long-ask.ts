import { ID, VERSION } from './long-members.ts';

const METHOD = '"method"\\s*:\\s*"[^"\\\\]{0,100}"';
const MEMBER = `(?:${VERSION}|${ID.replace('(', '(?:')}|${METHOD})`;

/** The first members of the outermost object, of which the next is no part of an answer. */
const BEGINS = new RegExp(`^\\s*\\{((?:\\s*${MEMBER}\\s*,)*)(?!\\s*"(?:result|error)"|\\s*${MEMBER})`);

/** The last members of the outermost object: what closes last is nothing else. */
const ENDS = new RegExp(`((?:,\\s*${MEMBER}\\s*)+)\\}\\s*$`);

const IDS = new RegExp(ID, 'g');
const METHODS = new RegExp(METHOD);

/**
 * A request or a notification of which no more than the first and last bytes are known; undefined unless it is unmistakable.
 *
 * @param begin - The first bytes of its frame.
 * @param end - The last ones.
 * @returns its id as it came, where there is exactly one.
 */
export function longAsk(begin: Buffer, end: Buffer): { readonly id: Buffer | undefined } | undefined {
  const first = BEGINS.exec(begin.toString('latin1'))?.[1];
  if (first === undefined) return undefined;
  const members = first + (ENDS.exec(end.toString('latin1'))?.[1] ?? '');
  if (!METHODS.test(members)) return undefined;
  const [id, ...more] = [...members.matchAll(IDS)].map(([, value = '']) => value);
  return { id: id === undefined || more.length > 0 ? undefined : Buffer.from(id) };
}
