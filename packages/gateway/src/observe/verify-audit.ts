import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseJson } from '../json.ts';
import { type ChainedLine, linkOf, readChained } from './audit-chain.ts';
import type { AuditKey } from './audit-keys.ts';

/** How long after the first line of a log another run may begin without having seen it: longer than any line waits to be written. */
const TOGETHER_MS = 1_000;

/** Lines of which any may have been the last one when another run began. */
const REMEMBERED = 1_000;

export interface AuditProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface AuditVerdict {
  readonly files: number;
  readonly lines: number;
  /** Whole lines from before the chain, which nothing vouches for. */
  readonly unchained: number;
  /** Lines that were written without a key before the first that has one, which whoever can write the file could have made. */
  readonly unkeyed: number;
  /** Lines that a crash has cut off. */
  readonly torn: number;
  /** Whether the first chained line says that there were some before it, which rotation has deleted or somebody has removed. */
  readonly isCutAtStart: boolean;
  readonly problems: readonly AuditProblem[];
  /** `<run>.<number>.<hash>` of the newest line: kept elsewhere, it shows later that nothing up to it was taken away. */
  readonly last?: string;
  /** Whether the line that was asked for is there. */
  readonly hasAsked: boolean;
}

/**
 * Checks the chain of an audit log, from its oldest file to its newest.
 *
 * @param path - The newest file; the others are `<path>.1` and so on.
 * @param keep - How many others there may be.
 * @param asked - A `last` of an earlier check.
 * @param keys - What lines may have been written with. With any, all lines after the first that has one have to have one.
 */
export async function verifyAudit(
  path: string,
  keep: number,
  asked?: string,
  keys: readonly AuditKey[] = [],
): Promise<AuditVerdict> {
  const keyOf = new Map(keys.map(({ id, bytes }) => [id, bytes]));
  const unknown = new Set<string>();
  let isKeyed = false;
  let unkeyed = 0;
  const problems: AuditProblem[] = [];
  const runs = new Map<string, { number: number; hash: string }>();
  const recent = new Set<string>();
  const isCheckable = ({ key }: ChainedLine): boolean => key === undefined || keyOf.has(key);
  let [files, lines, unchained, torn] = [0, 0, 0, 0];
  let last: string | undefined;
  let hasAsked = asked === undefined;
  let startsAt: ChainedLine | undefined;
  /** A line that is none, which is nothing bad where it was cut off, and the next run begins after it or the log ends. */
  let odd: (AuditProblem & { readonly isWhole: boolean }) | undefined;
  for (let number = keep; number >= 0; number--) {
    const file = number === 0 ? path : `${path}.${number}`;
    if (
      !(await access(file).then(
        () => true,
        () => false,
      ))
    )
      continue;
    files++;
    let at = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      at++;
      const report = (problem: string): void => void problems.push({ file, line: at, problem });
      const line = readChained(text);
      if (!line) {
        if (odd) problems.push(problemOf(odd));
        odd = undefined;
        const whole = isWhole(text);
        if (last === undefined && whole) unchained++;
        else odd = { file, line: at, problem: 'is no line of the chain: it was put in, or edited', isWhole: whole };
        continue;
      }
      lines++;
      startsAt ??= line;
      const known = runs.get(line.run);
      const isFirst = line.number === 1;
      if (odd && !odd.isWhole && isFirst && !known) torn++;
      else if (odd) problems.push(problemOf(odd));
      odd = undefined;
      const before = known ? known.hash : (line.follows ?? '');
      if (known && line.number !== known.number + 1)
        report(
          line.number > known.number
            ? `comes after ${line.number - known.number - 1} lines that are missing: they were removed, or could not be written`
            : 'stands in another order than it was written in',
        );
      else if (!known && !isFirst && last !== undefined) report('comes after lines of its run that are missing');
      else if (!known && isFirst && line.follows !== undefined && last !== undefined && !recent.has(line.follows))
        report('follows a line that is missing');
      else if (!known && isFirst && line.follows === undefined && last !== undefined && !beganTogether(startsAt, line))
        report('begins a chain that follows nothing, though there were lines before it');
      else if ((known || isFirst) && isCheckable(line) && linkOf(before, line, keyOf.get(line.key ?? '')) !== line.hash)
        report('is not as it was written, or the line before it is not');
      if (line.key !== undefined && !keyOf.has(line.key) && !unknown.has(line.key)) {
        unknown.add(line.key);
        report(`was written with the key ${line.key}, which is not given, so that it cannot be checked`);
      }
      if (line.key !== undefined) isKeyed = true;
      else if (isKeyed) report('was written without a key after lines with one: somebody may have made it');
      else unkeyed++;
      if (!known || line.number > known.number) runs.set(line.run, { number: line.number, hash: line.hash });
      recent.add(line.hash);
      const [oldest] = recent;
      if (recent.size > REMEMBERED && oldest !== undefined) recent.delete(oldest);
      last = `${line.run}.${line.number}.${line.hash}`;
      if (last === asked) hasAsked = true;
    }
  }
  if (odd?.isWhole) problems.push(problemOf(odd));
  else if (odd) torn++;
  if (keys.length > 0 && lines > 0 && !isKeyed) {
    problems.push({
      file: path,
      line: 1,
      problem: 'begins lines that were all written without a key: somebody may have made them',
    });
  }
  const isCutAtStart = startsAt !== undefined && (startsAt.number > 1 || startsAt.follows !== undefined);
  const counts = { files, lines, unchained, unkeyed, torn, isCutAtStart };
  return { ...counts, problems, hasAsked, ...(last !== undefined && { last }) };
}

/**
 * Whether another run found nothing either where the log begins: both gateways started on an empty folder at the same time, and lines wait a moment before they
 * are written.
 */
function beganTogether(first: ChainedLine, line: ChainedLine): boolean {
  const apartMs = Math.abs(timeOf(line) - timeOf(first));
  return first.number === 1 && first.follows === undefined && apartMs <= TOGETHER_MS;
}

/** Milliseconds since 1970; the time stands in what the hash covers. */
function timeOf({ body }: ChainedLine): number {
  return Date.parse(/^\{"time":"([^"]+)"/.exec(body)?.[1] ?? '');
}

/** Whether a line was written to its end. No beginning of an object is JSON, although it may end with the brace of one inside. */
function isWhole(text: string): boolean {
  return text.startsWith('{') && parseJson(text) !== undefined;
}

function problemOf({ file, line, problem }: AuditProblem): AuditProblem {
  return { file, line, problem };
}
