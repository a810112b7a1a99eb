import { Worker } from 'node:worker_threads';
import type { ThreadEntry } from '../isolate/beside-file.ts';
import { processorMs } from '../isolate/processor-ms.ts';
import { BusyWatch } from './busy-watch.ts';
import type { CommandEnd } from './command.ts';
import { CONTROL_BYTES, ControlWord } from './command-setup.ts';

const PAGE_BYTES = 65_536;
/** As a program that has called `abort`. */
export const TRAP_CODE = 134;

export interface ProgramThreadOptions<Message> extends ThreadEntry {
  readonly name: string;
  /** JavaScript memory of the thread. */
  readonly heapMib: number;
  /** What it is started with; the first block that both threads see is the control block. */
  readonly setup: (control: SharedArrayBuffer) => object;
  /** How long its guest may compute without waiting for anything, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly hear: (message: Message) => void;
  /** Called once, when it is gone, as the first that hears of `ended`: what comes of it is seen by nobody who does not know how it has ended. */
  readonly onGone: (end: CommandEnd) => void;
}

/** The thread that a whole server has for itself: watched for computing without end, and ended wherever it is. */
export class ProgramThread<Message> {
  /** Resolves when it is gone. */
  readonly ended: Promise<CommandEnd>;
  readonly #control: Int32Array;
  readonly #worker: Worker;
  readonly #gone = new AbortController();
  #end: CommandEnd | undefined;

  constructor(options: ProgramThreadOptions<Message>) {
    const { entry, execArgv, name, heapMib, setup, callTimeoutMs, hear, onGone } = options;
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.#control = new Int32Array(control);
    this.#control[ControlWord.isWaiting] = 1; // for its thread
    this.#worker = new Worker(entry, {
      ...{ workerData: setup(control), execArgv: [...execArgv], env: {}, name, trackUnmanagedFds: true },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      resourceLimits: { maxOldGenerationSizeMb: heapMib },
    });
    const watch = new BusyWatch({
      control: this.#control,
      limitMs: callTimeoutMs,
      processorMs: () => processorMs(Atomics.load(this.#control, ControlWord.threadNumber)),
      onTooLong: () => {
        const reason = `it computed for more than ${callTimeoutMs} ms without waiting for anything, and was ended`;
        this.endsBy({ exitCode: null, reason });
        void this.#worker.terminate();
      },
    });
    this.#worker.on('message', hear);
    this.#worker.on('error', (error: Error) =>
      this.endsBy({ exitCode: TRAP_CODE, reason: `its thread ended: ${error.message}` }),
    );
    const { promise, resolve } = Promise.withResolvers<CommandEnd>();
    this.ended = promise;
    void promise.then(onGone);
    this.#worker.on('exit', () => {
      watch.stop();
      this.#gone.abort();
      resolve(this.#end ?? { exitCode: null });
    });
  }

  /** Aborted when it is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** What it ends of, as far as that is known. */
  get end(): CommandEnd | undefined {
    return this.#end;
  }

  /** Linear memory of its guest. */
  get memoryBytes(): number {
    return Atomics.load(this.#control, ControlWord.memoryPages) * PAGE_BYTES;
  }

  /** Answers have been told it, or one is not: so many bytes of them may be there. False where they are too many. */
  takesAnswer(byteLength: number, mostBytes: number): boolean {
    if (Atomics.load(this.#control, ControlWord.answerBytes) + byteLength > mostBytes) return false;
    Atomics.add(this.#control, ControlWord.answerBytes, byteLength);
    return true;
  }

  /** It is about to end, or has: the first that is said of it counts. */
  endsBy(end: CommandEnd): void {
    this.#end ??= end;
  }

  /** @param moved - What of it is handed over and not copied. */
  tell(message: object, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, [...moved]);
  }

  /** Ends it wherever it is. Idempotent. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  /** Keeps the process alive no longer. */
  unref(): void {
    this.#worker.unref();
  }
}
