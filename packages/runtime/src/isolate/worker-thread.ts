import { getCompileCacheDir } from 'node:module';
import { getPriority, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { type Transferable, Worker } from 'node:worker_threads';
import { besideFile } from './beside-file.ts';
import { createMessageBuffer, MessageBlock } from './message-block.ts';
import { processorMs } from './processor-ms.ts';
import { CONTROL_BYTES, type GuestMessage, Report, type ThreadSetup, Word, type WorkerMessage } from './protocol.ts';
import { ThreadPace } from './thread-pace.ts';

const MIB = 1024 * 1024;
/**
 * JavaScript memory of the worker: values of a message may take eight times its size, its text and what that is made of less than four. Nothing that a guest
 * chooses may come to the limit: where no room is left for one large text, the engine ends the process and not the worker.
 */
const HEAP_MIB_PER_MESSAGE_MIB = 12;
const LEAST_HEAP_MIB = 64;
/** Low enough for the system to run any other thread first that wakes up; high enough for a tenth of a processor that is fought over. */
const PRIORITY_STEP = 10;
const LOWEST_PRIORITY = 19;

const { entry, execArgv } = besideFile(import.meta.url, 'worker-entry');

/** A worker shares the process's compile cache, where there is one: from source it starts in less than half the time. */
function workerEnvironment(): Record<string, string> {
  const versionFolder = getCompileCacheDir();
  return versionFolder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(versionFolder) };
}

/** The guest that a thread has now. */
export interface ThreadGuest {
  onMessage(message: WorkerMessage): void;
  /** The thread is gone, and what it died of, if it was not ended. */
  onExit(failure: Error | undefined): void;
}

/** A worker thread that has one guest at a time. Without one, and while its guest idles, it does not keep the process alive. */
export class WorkerThread {
  readonly control: Int32Array;
  readonly block: MessageBlock;
  readonly pace: ThreadPace = new ThreadPace({
    processorMs: () => processorMs(Atomics.load(this.control, Word.threadNumber)),
    lower: () => this.#lower(),
  });
  guest: ThreadGuest | undefined;
  readonly #worker: Worker;
  readonly #up: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #exited: PromiseWithResolvers<void> = Promise.withResolvers();
  #failure: Error | undefined;
  #isGone = false;

  private constructor(largestMessageBytes: number, onExit: (thread: WorkerThread) => void) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const data = createMessageBuffer(largestMessageBytes);
    const workerData: ThreadSetup = { control, data };
    this.control = new Int32Array(control);
    this.block = new MessageBlock(data);
    this.#worker = new Worker(entry, {
      ...{
        workerData,
        execArgv: [...execArgv],
        env: workerEnvironment(),
        name: 'lockgate guest',
        trackUnmanagedFds: true,
      },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      resourceLimits: {
        maxOldGenerationSizeMb: LEAST_HEAP_MIB + HEAP_MIB_PER_MESSAGE_MIB * Math.ceil(largestMessageBytes / MIB),
      },
    });
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message === Report.up) this.#up.resolve();
      else this.guest?.onMessage(message);
    });
    this.#worker.on('error', (error: Error) => {
      this.#failure = error;
    });
    this.#worker.on('exit', () => {
      this.#isGone = true;
      this.#up.reject(this.#failure ?? new Error('the worker ended before it had started'));
      onExit(this);
      this.guest?.onExit(this.#failure);
      this.#exited.resolve();
    });
  }

  /** Starts one. @throws what keeps a worker from starting */
  static async start(largestMessageBytes: number, onExit: (thread: WorkerThread) => void): Promise<WorkerThread> {
    const thread = new WorkerThread(largestMessageBytes, onExit);
    await thread.#up.promise;
    thread.unref();
    return thread;
  }

  /** Gives it a guest; from now on what it says is for that one. */
  host(guest: ThreadGuest, message: GuestMessage, moved: readonly Transferable[]): void {
    if (this.#isGone) {
      guest.onExit(this.#failure);
      return;
    }
    this.guest = guest;
    this.ref();
    this.#worker.postMessage(message, moved);
  }

  /** Makes it do something; it sleeps until then. */
  wake(signal: number, byteLength: number): void {
    Atomics.store(this.control, Word.byteLength, byteLength);
    Atomics.store(this.control, Word.signal, signal);
    Atomics.notify(this.control, Word.signal, 1);
  }

  /** Keeps the process alive. */
  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  #lower(): boolean {
    try {
      const number = Atomics.load(this.control, Word.threadNumber);
      setPriority(number, Math.min(LOWEST_PRIORITY, getPriority(number) + PRIORITY_STEP));
      return true;
    } catch {
      return false; // it has just ended, or it is low already
    }
  }

  /** Ends it wherever it is. Idempotent. */
  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited.promise;
  }
}
