import { ID, VERSION } from './long-members.ts';

/** An answer: neither a request nor a notification begins so. A body may begin with a byte order mark, read here as Latin-1. */
const BEGINS = new RegExp(
  `^(?:\\xef\\xbb\\xbf)?\\s*\\{\\s*(?:${VERSION}\\s*,\\s*)?(?:${ID}\\s*,\\s*(?:${VERSION}\\s*,\\s*)?)?"(?:result|error)"\\s*:`,
);

/** The last members of the outermost object: what closes last is nothing else. */
const ENDS = new RegExp(`,\\s*${ID}\\s*(?:,\\s*${VERSION}\\s*)?\\}\\s*$`);

/** What is too short to say whether it begins so: no value of an object or list has come, and nothing that only a request has. */
const MAY_BEGIN = /^(?:\xef(?:\xbb\xbf?)?)?\s*(?:\{(?:(?!"method"|"params")[^{[]){0,128})?$/;

/** Whether a frame is an answer or may be one yet, going by those of its first bytes that have come. */
export function mayBeAnswer(begin: Buffer): boolean {
  const text = begin.toString('latin1');
  return BEGINS.test(text) || MAY_BEGIN.test(text);
}

/**
 * The id of an answer of which no more than the first and last bytes are known; undefined unless it is unmistakable.
 *
 * @param begin - The first bytes of its frame.
 * @param end - The last ones.
 * @returns its JSON, a text or an integer.
 */
export function longAnswerId(begin: Buffer, end: Buffer): Buffer | undefined {
  const begins = BEGINS.exec(begin.toString('latin1'));
  if (!begins) return undefined;
  const id = begins[1] ?? ENDS.exec(end.toString('latin1'))?.[1];
  return id === undefined ? undefined : Buffer.from(id);
}
