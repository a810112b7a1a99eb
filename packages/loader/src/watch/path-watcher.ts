import { readModule, UnreadableFileError } from '@lockgate/runtime';
import { digestOf, type ModuleBytes } from '../module-source.ts';
import { PathHints } from './path-hints.ts';

/** What one watched path needs. */
export interface PathWatcherOptions {
  readonly path: string;
  /** Digest of what is known already; undefined takes whatever is there first as a change. */
  readonly knownDigest?: string;
  /** How long a file must hold still, in milliseconds. */
  readonly settleMs: number;
  /** A file that held still, and has other bytes than the one told before. */
  readonly onChange: (found: ModuleBytes) => void;
  /** The file that was there is gone, and stayed away as long. */
  readonly onGone?: () => void;
  /** What cannot be read has taken its place: a pipe, a device, a directory, or a file that nobody may read. @default as if it were gone */
  readonly onUnreadable?: () => void;
  readonly onError: (error: unknown) => void;
  /** Waits; the clock in production, a gate in tests. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Stands for the digest of what cannot be read. */
const UNREADABLE = 'unreadable';

/**
 * Sees every way of replacing a file: in place, by rename, by delete and recreate, by a link pointed elsewhere. Events of
 * the file system are only hints to look: what counts is that two looks, `settleMs` apart, find the same bytes.
 */
export class PathWatcher {
  readonly #options: PathWatcherOptions;
  readonly #hints: PathHints;
  readonly #closing = new AbortController();
  readonly #delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** What was told last: a digest, {@link UNREADABLE}, or null for nothing there. */
  #told: string | null;
  #hinted = false;
  #looking: Promise<void> | undefined;

  constructor(options: PathWatcherOptions) {
    this.#options = options;
    this.#told = options.knownDigest ?? null;
    this.#delay = options.delay ?? wait;
    this.#hints = new PathHints(options.path, { onHint: () => this.look(), onError: options.onError });
    this.look();
  }

  /** Whether nothing was there when it was last told. */
  get empty(): boolean {
    return this.#told === null;
  }

  /** Looks whether something has changed; while it looks already, once more afterwards. */
  look(): void {
    this.#hinted = true;
    if (this.#looking !== undefined || this.#closing.signal.aborted) return;
    this.#looking = this.#lookUntilQuiet()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#options.onError(error);
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#hinted) this.look();
      });
  }

  close(): void {
    this.#closing.abort();
    this.#hinted = false;
    this.#hints.close();
  }

  /** Settles when no look is under way, which after `close` means for ever. */
  async quiet(): Promise<void> {
    while (this.#looking !== undefined) await this.#looking;
  }

  async #lookUntilQuiet(): Promise<void> {
    const { signal } = this.#closing;
    let before: string | null | undefined;
    while (!signal.aborted) {
      this.#hinted = false;
      await this.#hints.arm();
      const found = await read(this.#options.path, signal);
      if (signal.aborted) return;
      const digest = this.#digestOf(found);
      if (digest === this.#told && before === undefined) {
        if (!this.#hinted) return;
      } else if (digest === before) {
        this.#tell(found);
        if (!this.#hinted) return;
        before = undefined;
        continue;
      }
      before = digest;
      await this.#delay(this.#options.settleMs, signal);
    }
  }

  #tell(found: Found): void {
    const digest = this.#digestOf(found);
    if (digest === this.#told) return;
    this.#told = digest;
    if (digest === null) this.#options.onGone?.();
    else if (found === UNREADABLE) this.#options.onUnreadable?.();
    else if (found) this.#options.onChange(found);
  }

  #digestOf(found: Found): string | null {
    if (found === UNREADABLE) return this.#options.onUnreadable ? UNREADABLE : null;
    return found?.digest ?? null;
  }
}

type Found = ModuleBytes | typeof UNREADABLE | null;

/** Null for what is not there, or is still empty. */
async function read(path: string, signal: AbortSignal): Promise<Found> {
  try {
    const bytes = await readModule(path, signal);
    return bytes.byteLength === 0 ? null : { bytes, digest: digestOf(bytes) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    if (error instanceof UnreadableFileError) return UNREADABLE;
    throw error;
  }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish);
  });
}
