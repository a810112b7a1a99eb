import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** One line of the audit log: who did what, how it ended, how long it took and how large it was. Never contents. */
export interface AuditEntry {
  /** A request of a client, a decision of the reference monitor, or a request turned away at the door. */
  readonly event: 'call' | 'guard' | 'denied';
  readonly principal: string;
  /** A tag of the session, not its id. */
  readonly session?: string | undefined;
  /** Address of who was turned away. */
  readonly remoteAddress?: string | undefined;
  readonly server?: string | undefined;
  /** The MCP method, e.g. `tools/call`. */
  readonly method?: string | undefined;
  /** Name of the tool or prompt, or the URI of the resource. */
  readonly target?: string | undefined;
  /** `error` is the server's own answer, `failed` the gateway's; `filtered` means a part was withheld. */
  readonly verdict: 'ok' | 'error' | 'denied' | 'filtered' | 'failed' | 'cancelled';
  /** Code of an error, or the word for a denial. */
  readonly reason?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
  /** A decision of the reference monitor: phase, mode, labels, missing tags, count withheld. */
  readonly decision?: object | undefined;
}

export interface AuditLog {
  /** Writes one line; never throws and never waits. */
  record(entry: AuditEntry): void;
  /** Lines that could not be written since the start. */
  readonly lost: number;
  close(): Promise<void>;
}

export interface AuditOptions {
  /** The log goes to `audit.jsonl` here; without it, nowhere. */
  readonly logDir?: string | undefined;
  readonly now?: () => Date;
  /** Told once, at the first line that is lost. */
  readonly onFailure?: (error: Error) => void;
}

/** Opens the audit log: one JSON object a line, appended, readable by its owner only. Opening never fails a start. */
export function openAuditLog({ logDir, now = () => new Date(), onFailure }: AuditOptions = {}): AuditLog {
  let lost = 0;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    if (failure === undefined) onFailure?.(error);
    failure ??= error;
  };
  const file = logDir === undefined ? undefined : open(logDir, fail);
  return {
    record(entry) {
      if (logDir === undefined) return;
      if (failure !== undefined || !file?.writable) lost++;
      else file.write(`${JSON.stringify({ time: now().toISOString(), ...entry })}\n`);
    },
    get lost() {
      return lost;
    },
    async close() {
      if (file === undefined || failure !== undefined || file.closed) return;
      const closed = once(file, 'close');
      file.end();
      await closed;
    },
  };
}

function open(logDir: string, onFailure: (error: Error) => void): WriteStream | undefined {
  try {
    makeFolder(logDir);
    return createWriteStream(join(logDir, 'audit.jsonl'), { flags: 'a', mode: 0o600 }).on('error', onFailure);
  } catch (error) {
    onFailure(error as Error);
    return undefined;
  }
}
