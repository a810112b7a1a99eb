import { unwatchFile, watchFile } from 'node:fs';

const POLL_INTERVAL_MS = 1_000;

export interface ConfigWatchOptions {
  readonly files: readonly string[];
  /** Reads the files and applies what they say; rejects when they cannot be used, which keeps what holds. */
  readonly apply: () => Promise<void>;
  /** Told of every change that could not be applied. */
  readonly onError: (error: unknown) => void;
  /** @default 1_000 */
  readonly pollIntervalMs?: number;
}

/**
 * Applies a configuration whenever one of its files changes. Files are looked at by their names once a second, which
 * also sees editors that replace a file, links that are switched, and network folders. Changes that come while one is
 * being applied are applied once, together, after it.
 *
 * @returns Stops watching, and resolves when nothing is being applied any more.
 */
export function watchConfig({ files, apply, onError, pollIntervalMs }: ConfigWatchOptions): () => Promise<void> {
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
  for (const file of files)
    watchFile(file, { persistent: false, interval: pollIntervalMs ?? POLL_INTERVAL_MS }, onChange);

  return async () => {
    stopped = true;
    for (const file of files) unwatchFile(file, onChange);
    await running;
  };
}
