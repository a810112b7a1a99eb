import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

const POLL_INTERVAL_MS = 1_000;

export interface ConfigWatchOptions {
  readonly files: readonly string[];
  /** Reads the files and applies what they say; rejects when they cannot be used, which keeps what holds. */
  readonly apply: () => Promise<void>;
  /** Told of every change that could not be applied. */
  readonly onError: (error: unknown) => void;
  /** False where nobody looks for changes and only `apply` of the answer applies them. @default true */
  readonly isWatching?: boolean;
  /** @default 1_000 */
  readonly pollIntervalMs?: number;
}

/** Applies a configuration when its files change, and when it is told to. */
export interface ConfigWatch {
  /** Applies what the files say now, once what is being applied has come to its end. */
  apply(): void;
  /** Stops watching, and resolves when nothing is being applied any more. */
  close(): Promise<void>;
}

/**
 * Applies a configuration whenever one of its files changes from what it is at the call. Files are looked at by their
 * names once a second, which also sees editors that replace a file, links that are switched, and network folders. (Not
 * by `fs.watchFile`: what is written before its first look, at some later moment, is no change to it.) Changes that come
 * while one is being applied are applied once, together, after it.
 */
export function watchConfig(options: ConfigWatchOptions): ConfigWatch {
  const { files, apply, onError, isWatching = true, pollIntervalMs = POLL_INTERVAL_MS } = options;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  const run = async (): Promise<void> => {
    do {
      again = false;
      await apply().catch(onError);
    } while (again && !stopped);
    running = undefined;
  };
  const onChange = (): void => {
    if (stopped) return;
    again = true;
    running ??= run();
  };
  const seen = new Map(files.map((file) => [file, stampAtOnce(file)]));
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    for (const file of files) {
      const stamp = stampOf(await stat(file).catch(() => undefined));
      if (stamp === seen.get(file)) continue;
      seen.set(file, stamp);
      onChange();
    }
    looking = false;
  };
  const timer = isWatching ? setInterval(() => void look(), pollIntervalMs).unref() : undefined;

  return {
    apply: onChange,
    async close() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** Equal as long as a file is the same and unchanged; one that is not there is like itself. */
function stampOf(found: Stats | undefined): string {
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : '';
}

function stampAtOnce(file: string): string {
  try {
    return stampOf(statSync(file));
  } catch {
    return stampOf(undefined);
  }
}
