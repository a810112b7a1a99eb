import { join } from 'node:path';
import type { RequestVerdict } from '../observer.ts';
import { AppendFile, type Rotation } from './append-file.ts';
import { AuditChain } from './audit-chain.ts';
import type { AuditKey } from './audit-keys.ts';
import { LineWriter } from './line-writer.ts';

/** One line of the audit log: who did what, how it ended, how long it took and how large it was. Never contents. */
export interface AuditEntry {
  /** A request of a client, a decision of the reference monitor, a used-up limit, a request refused before its content was read, a caller's labels given up, or what an operator did. */
  readonly event: 'call' | 'guard' | 'limit' | 'denied' | 'reset' | 'operator';
  readonly principal: string;
  /** A tag of the session, not its id. */
  readonly session?: string | undefined;
  /** Address of the client that was refused. */
  readonly remoteAddress?: string | undefined;
  readonly server?: string | undefined;
  /** The MCP method, e.g. `tools/call`; of an operator, what was done, e.g. `restart`. */
  readonly method?: string | undefined;
  /** Name of the tool or prompt, or the URI of the resource; of a reset, the caller whose labels were given up; of an operator, what of the server they acted on. */
  readonly target?: string | undefined;
  /** Id of a run of a script: of the request that began it, and of each that it made. */
  readonly script?: string | undefined;
  readonly verdict: RequestVerdict;
  /** Code of an error, or the word for a denial. */
  readonly reason?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
  /** Bytes by which the answer was made smaller. */
  readonly savedBytes?: number | undefined;
  /** A decision of the reference monitor: phase, mode, labels, missing tags, count withheld. */
  readonly decision?: object | undefined;
  /** The call that an operator decided on: its id, who made it, and the SHA-256 of its arguments. */
  readonly call?: object | undefined;
}

export interface AuditLog {
  /** Takes one line, which is written a moment later; never throws and never waits. */
  record(entry: AuditEntry): void;
  /** Lines that could not be written since the start. */
  readonly lost: number;
  /** Goes on in what is under the file's name now: somebody has moved the file away. */
  reopen(): void;
  /** Resolves when every line is written or lost. */
  close(): Promise<void>;
}

export interface AuditOptions {
  /** The log goes to `audit.jsonl` here; without it, nowhere. */
  readonly logDir?: string | undefined;
  /** Number of the process, where several serve together: each has a file and a chain of its own, such as `audit-1.jsonl`. */
  readonly process?: number | undefined;
  readonly rotation?: Rotation | undefined;
  /** What lines are written with, so that nobody else can write them. @default a chain of hashes */
  readonly key?: AuditKey | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Told once, when the file cannot be written or the first line is lost. */
  readonly onFailure: (error: Error) => void;
}

/** Where the audit log of a gateway is, or of one of its processes. */
export function auditPath(logDir: string, process: number | undefined): string {
  return join(logDir, process === undefined ? 'audit.jsonl' : `audit-${process}.jsonl`);
}

const NO_AUDIT: AuditLog = { record() {}, lost: 0, reopen() {}, close: async () => {} };

/** Opens the audit log: one JSON object a line, appended, readable by its owner only. Opening never fails a start. */
export function openAuditLog({ logDir, process, rotation, key, now = Date.now, onFailure }: AuditOptions): AuditLog {
  if (logDir === undefined) return NO_AUDIT;
  const path = auditPath(logDir, process);
  const writer = new LineWriter({ sink: new AppendFile({ path, rotation }), onFailure });
  const chain = new AuditChain(path, key);
  let millisecond = Number.NaN;
  let time = '';
  return {
    record(entry) {
      const at = now();
      // Many lines share a millisecond, and formatting it costs as much as the rest of a line.
      if (at !== millisecond) time = new Date(at).toISOString();
      millisecond = at;
      writer.write(chain.next(auditLine(time, process, entry)));
    },
    get lost() {
      return writer.lost;
    },
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  };
}

/** One line without its closing brace; what is undefined is left out. Each key by its name: all lines have one order, whatever order an entry has. */
function auditLine(time: string, worker: number | undefined, entry: AuditEntry): string {
  const { event, principal, session, remoteAddress, server, method, target, script, verdict, reason } = entry;
  const { durationMs, requestBytes, responseBytes, savedBytes, decision, call } = entry;
  const line = {
    time,
    event,
    principal,
    worker,
    session,
    remoteAddress,
    server,
    method,
    target,
    script,
    verdict,
    reason,
    durationMs,
    requestBytes,
    responseBytes,
    savedBytes,
    decision,
    call,
  };
  return JSON.stringify(line).slice(0, -1);
}
