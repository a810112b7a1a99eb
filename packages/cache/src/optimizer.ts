import type { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { constants, setPriority, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childArguments, childEnvironment } from './child-arguments.ts';
import type { CodeSerializer } from './code-serializer.ts';
import type { OptimizerStats } from './compilation-cache.ts';
import type { FileSystem } from './file-system.ts';
import { explainExit, OPTIMIZER_EXITS, type OptimizerJob } from './optimizer-job.ts';
import { spaceShortage } from './why-not-kept.ts';

/** What to optimise, and where the result goes. */
export type Work = Pick<OptimizerJob, 'entryName' | 'wasm' | 'environment' | 'generation' | 'looks'> & {
  readonly wire: Uint8Array;
  /** What V8 serialised where the module ran; null optimises every function. */
  readonly profile: Uint8Array | null;
};

/** How it went. `cancelled`: somebody called `cancel()`. */
export type Outcome = 'written' | 'cancelled' | Failure;

const NO_SPACE = { noSpace: true } as const;

interface Failure {
  readonly failed: string;
  /** It failed for want of space. */
  readonly noSpace?: true;
}

/** The right to optimise in a directory, held until it is disposed of and the process it was lent to has ended. */
export interface Turn extends Disposable {
  readonly fd: number;
}

const LOCK_FILE = 'optimizer.lock';
const LIMIT_SECONDS = 300;
const LIMIT_BYTES = Math.min(
  2 * 1024 ** 3,
  totalmem() / 2,
  (process.constrainedMemory() || Number.POSITIVE_INFINITY) / 2,
);
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(new URL(`./optimizer-entry.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url));

interface OptimizerPorts {
  readonly directory: string;
  readonly maxBytes: number;
  readonly serializer: CodeSerializer;
  readonly fs: FileSystem;
  readonly spawn: typeof spawn;
  /** Whether a run keeps this process alive until it has ended. @default false */
  readonly waitedFor?: boolean;
}

/** Starts the optimiser's process: one at a time per directory, whatever process asks. */
export class Optimizer {
  readonly #ports: OptimizerPorts;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #cancelled = false;
  #runs = 0;
  #failures = 0;
  #lastFailure: string | undefined;
  #unavailable: string | undefined;

  constructor(ports: OptimizerPorts) {
    this.#ports = ports;
    if (!existsSync(PROGRAM)) this.#unavailable = `${PROGRAM} is missing: was the package bundled into another file?`;
  }

  /** Whether it can run here at all, as far as is known yet. */
  get available(): boolean {
    return this.#unavailable === undefined;
  }

  get stats(): OptimizerStats {
    const lastFailure = this.#unavailable ?? this.#lastFailure;
    return {
      state: this.#unavailable !== undefined ? 'unavailable' : this.#child ? 'running' : 'idle',
      runs: this.#runs,
      failures: this.#failures,
      ...(lastFailure !== undefined && { lastFailure }),
    };
  }

  /** Takes the directory's only turn; undefined while any process has it, or the directory refuses. */
  takeTurn(): Turn | undefined {
    const { fs, serializer, directory } = this.#ports;
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = fs.constants;
    try {
      const fd = fs.openSync(join(directory, LOCK_FILE), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      if (serializer.tryLock(fd)) return { fd, [Symbol.dispose]: () => fs.closeSync(fd) };
      fs.closeSync(fd);
    } catch {
      // Without a lock file there is no turn, and the next attempt may find the cause gone.
    }
    return undefined;
  }

  /** Runs one piece of work in its own process. Never rejects. */
  async run(turn: Turn, work: Work): Promise<Outcome> {
    this.#runs++;
    const outcome = await this.#run(turn, work).catch((error: unknown) => this.#notStarted(error));
    if (typeof outcome === 'object') {
      this.#failures++;
      this.#lastFailure = outcome.failed;
    }
    return outcome;
  }

  /** Ends the process that runs, if any, waits until it is gone, and starts no other. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    this.#child?.ref(); // whoever cancels waits for its end
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  async #run(turn: Turn, { wire, profile, ...facts }: Work): Promise<Outcome> {
    const { directory, maxBytes } = this.#ports;
    const job: OptimizerJob = {
      ...facts,
      directory,
      wasmBytes: wire.byteLength,
      profileBytes: profile?.byteLength ?? 0,
      maxEntryBytes: maxBytes,
      limitSeconds: LIMIT_SECONDS,
      limitBytes: LIMIT_BYTES,
    };
    const input = await this.#openNameless();
    try {
      await writeWhole(input, wire, 0);
      if (profile) await writeWhole(input, profile, wire.byteLength);
      if (this.#cancelled) return 'cancelled';
      const exit = this.#start(job, input.fd, turn.fd);
      this.#ended = exit;
      const [code, signal] = await exit;
      if (code === OPTIMIZER_EXITS.written) return 'written';
      return this.#cancelled
        ? 'cancelled'
        : { failed: this.#explained(code, signal), ...(code === OPTIMIZER_EXITS.noSpace && NO_SPACE) };
    } finally {
      this.#child = undefined;
      await input.close();
    }
  }

  // A file that loses its name at once: whoever is killed, nothing stays behind, and no pipe has to be fed.
  async #openNameless(): ReturnType<FileSystem['promises']['open']> {
    const { fs, directory } = this.#ports;
    const path = join(directory, `input.${randomBytes(6).toString('hex')}.tmp`);
    const file = await fs.promises.open(path, 'wx+', 0o600);
    await fs.promises.unlink(path);
    return file;
  }

  #start(job: OptimizerJob, inputFd: number, lockFd: number): Promise<readonly [number | null, string | null]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly [number | null, string | null]>();
    const flags = childArguments(process.execArgv);
    if (FROM_SOURCE) flags.push('--conditions=@lockgate/source');
    const program = [...flags, PROGRAM, JSON.stringify(job)];
    const child = this.#ports.spawn(process.execPath, program, {
      stdio: [inputFd, 'ignore', 'ignore', lockFd],
      env: childEnvironment(process.env),
    });
    this.#child = child;
    if (!this.#ports.waitedFor) child.unref();
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve([code, signal]));
    try {
      // Before the child has made its threads, which inherit it; it lowers itself once more.
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It may be gone already.
    }
    return promise;
  }

  #notStarted(error: unknown): Failure {
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    const refused = code === 'ERR_ACCESS_DENIED' || syscall?.startsWith('spawn');
    if (refused) this.#unavailable = `no process can be started: ${message}`;
    const shortage = spaceShortage(error, this.#ports.directory);
    return { failed: shortage ?? message, ...(shortage !== undefined && NO_SPACE) };
  }

  #explained(code: number | null, signal: string | null): string {
    const why = explainExit(code, signal);
    if (code === OPTIMIZER_EXITS.otherEnvironment || code === OPTIMIZER_EXITS.noAddon) this.#unavailable = why;
    return why;
  }
}

/** One write may take a part only, as the last one does before the disk is full; it is the next that says so. */
async function writeWhole(
  file: Awaited<ReturnType<FileSystem['promises']['open']>>,
  bytes: Uint8Array,
  at: number,
): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, at + done);
    done += bytesWritten;
  }
}
