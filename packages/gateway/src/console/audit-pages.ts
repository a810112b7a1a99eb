import { type FileHandle, open } from 'node:fs/promises';
import { parseJson } from '../json.ts';
import type { Call, Verdict } from './api.ts';
import { badRequest } from './api-failure.ts';
import { type AskedCalls, isAskedFor } from './call-filter.ts';
import { rounded } from './seen-call.ts';
import { toldTime } from './told-time.ts';

const CHUNK = 64 * 1024;
/** How much of the files is read for one answer, in bytes; the next one goes on. */
const MOST_READ = 16 * 1024 * 1024;
/** No line is longer: names of tools are a client's own choice. */
const MAX_LINE = 1024 * 1024;

export interface AuditFiles {
  /** The file that is written now; earlier ones are `<path>.1` and so on. */
  readonly path: string;
  /** How many earlier ones there may be. */
  readonly keep: number;
}

interface Line {
  readonly text: string;
  readonly offset: number;
}

interface AuditLine {
  readonly time?: string;
  readonly event?: string;
  readonly principal?: string;
  readonly session?: string;
  readonly server?: string;
  readonly method?: string;
  readonly target?: string;
  readonly verdict?: Verdict;
  readonly reason?: string;
  readonly durationMs?: number;
  readonly requestBytes?: number;
  readonly responseBytes?: number;
}

/** Reads the calls of the audit log's files from the end, the newest first, as many as are wanted. */
export async function readAuditPage(
  files: AuditFiles,
  asked: AskedCalls,
): Promise<{ readonly calls: readonly Call[]; readonly next?: string }> {
  const calls: Call[] = [];
  let start = asked.before === undefined ? undefined : readPlace(asked.before);
  let left = MOST_READ;
  for (let number = 0; number <= files.keep; number++) {
    const path = number === 0 ? files.path : `${files.path}.${number}`;
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) continue;
    try {
      const { ino, size } = await file.stat();
      // Files change their names and not their inodes: the one where the last page ended may have become another.
      if (start && start.inode !== ino) continue;
      const end = start ? Math.min(start.offset, size) : size;
      start = undefined;
      for await (const { text, offset } of linesBackwards(file, end)) {
        const call = toCall(text, `log.${ino}.${offset}`);
        if (call && isAskedFor(call, asked)) calls.push(call);
        left -= text.length + 1;
        const isOver = call !== undefined && call.startedAt < asked.from - OVERLAP_MS;
        if (isOver) return { calls };
        if (calls.length >= asked.limit || left <= 0) return { calls, next: `${ino}.${offset}` };
      }
    } finally {
      await file.close();
    }
  }
  return { calls };
}

/** Lines stand in the order in which calls ended, which is not quite that in which they began. */
const OVERLAP_MS = 3_600_000;

/** One call of the log by its id. */
export async function readAuditCall(files: AuditFiles, id: string): Promise<Call | undefined> {
  const { inode, offset } = readPlace(id.replace(/^log\./, ''));
  for (let number = 0; number <= files.keep; number++) {
    const file = await open(number === 0 ? files.path : `${files.path}.${number}`, 'r').catch(() => undefined);
    if (!file) continue;
    try {
      if ((await file.stat()).ino !== inode) continue;
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, offset);
      const [line = ''] = buffer.subarray(0, bytesRead).toString('utf8').split('\n', 1);
      return toCall(line, id);
    } finally {
      await file.close();
    }
  }
  return undefined;
}

function readPlace(text: string): { readonly inode: number; readonly offset: number } {
  const [, inode, offset] = /^(\d{1,20})\.(\d{1,15})$/.exec(text) ?? [];
  if (inode === undefined)
    throw badRequest('"before", or the id, is no place in the audit log: give what an answer has as "next"');
  return { inode: Number(inode), offset: Number(offset) };
}

/** Whole lines before an offset, the last first, with where each begins. */
async function* linesBackwards(file: FileHandle, end: number): AsyncGenerator<Line> {
  let tail = Buffer.alloc(0);
  for (let at = end; at > 0; ) {
    const from = Math.max(0, at - CHUNK);
    const { buffer } = await file.read(Buffer.alloc(at - from), 0, at - from, from);
    let bytes = Buffer.concat([buffer, tail]);
    for (;;) {
      const lineBreak = bytes.lastIndexOf(0x0a, bytes.length - 2);
      if (lineBreak === -1) break;
      const line = bytes.subarray(lineBreak + 1);
      yield { text: line.toString('utf8').trimEnd(), offset: from + lineBreak + 1 };
      bytes = bytes.subarray(0, lineBreak + 1);
    }
    tail = bytes.length > MAX_LINE ? Buffer.alloc(0) : bytes;
    at = from;
  }
  if (tail.length > 0) yield { text: tail.toString('utf8').trimEnd(), offset: 0 };
}

function toCall(text: string, id: string): Call | undefined {
  const line = parseJson(text) as AuditLine | undefined;
  if (line?.event !== 'call' || typeof line.method !== 'string') return undefined;
  const { time = '', principal = '', durationMs = 0, event: _, ...rest } = line;
  return {
    id,
    startedAt: Math.round(toldTime(time) - durationMs),
    isRunning: false,
    principal,
    durationMs: rounded(durationMs),
    ...rest,
  } as Call;
}
