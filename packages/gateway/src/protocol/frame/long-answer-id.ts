import { ID, VERSION } from './long-members.ts';

/** An answer: neither a request nor a notification begins so. */
const BEGINS = new RegExp(
  `^\\s*\\{\\s*(?:${VERSION}\\s*,\\s*)?(?:${ID}\\s*,\\s*(?:${VERSION}\\s*,\\s*)?)?"(?:result|error)"\\s*:`,
);

/** The last members of the outermost object: what closes last is nothing else. */
const ENDS = new RegExp(`,\\s*${ID}\\s*(?:,\\s*${VERSION}\\s*)?\\}\\s*$`);

/** Whether a frame is an answer, going by its first bytes. */
export function beginsAnswer(begin: Buffer): boolean {
  return BEGINS.test(begin.toString('latin1'));
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
