import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Dialect, type GuestAnswer, MessageTooLargeError } from '@lockgate/abi';
import { CallTimeoutError } from '../errors.ts';
import { GuestFault } from '../fault.ts';
import type { Isolate, IsolateSetup } from './isolate.ts';
import { createMessageBuffer, MessageBlock } from './message-block.ts';
import { CONTROL_BYTES, Report, Signal, Word, type WorkerMessage, type WorkerSetup } from './protocol.ts';
import { decodeFault } from './wire-fault.ts';
import { referTo } from './worker-dialect.ts';

const MIB = 1024 * 1024;
const PAGE_BYTES = 65_536;
/** JavaScript memory of the worker: strings and buffers of a message take a few times its size. */
const HEAP_MIB_PER_MESSAGE_MIB = 8;
const LEAST_HEAP_MIB = 64;

// From source Node strips the types itself; built, the entry lies beside this file's bundle.
const isSource = import.meta.url.endsWith('.ts');
const entry = new URL(isSource ? './worker-entry.ts' : './worker-entry.js', import.meta.url);
const execArgv = isSource ? ['--conditions=@lockgate/source'] : [];

/** A worker shares the process's compile cache, where there is one: from source it starts in less than half the time. */
function workerEnvironment(): Record<string, string> {
  const versionFolder = getCompileCacheDir();
  return versionFolder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(versionFolder) };
}

/**
 * A guest in a worker thread of its own. Its host calls block that thread alone, and ending it stops it wherever it
 * is. A worker that idles sleeps in `Atomics.wait` and does not keep the process alive.
 */
export class WorkerIsolate implements Isolate {
  readonly canInterrupt = true;
  onBack: (failure?: unknown) => void = () => {};
  readonly #setup: IsolateSetup;
  readonly #places: ReadonlyMap<string, number>;
  readonly #worker: Worker;
  readonly #control: Int32Array;
  readonly #block: MessageBlock;
  readonly #exited: Promise<void>;
  #pending: PromiseWithResolvers<GuestAnswer> | undefined;
  #isAbandoned = false;
  #failure: Error | undefined;
  #startDeadline: NodeJS.Timeout | undefined;

  private constructor(setup: IsolateSetup) {
    const { maxMessageBytes, maxLogLinesPerCall } = setup.limits;
    const { dialect } = setup;
    const largest = Math.max(maxMessageBytes, dialect.guaranteedAnswerBytes ?? 0);
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const data = createMessageBuffer(largest);
    const workerData: WorkerSetup = {
      ...{ module: setup.module, dialect: referTo(dialect), maxMessageBytes, maxLogLinesPerCall, control, data },
    };
    this.#setup = setup;
    this.#places = placesInCodec(dialect);
    this.#control = new Int32Array(control);
    this.#block = new MessageBlock(data);
    this.#worker = new Worker(entry, {
      ...{ workerData, execArgv, env: workerEnvironment(), name: `lockgate ${setup.name}`, trackUnmanagedFds: false },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      resourceLimits: {
        maxOldGenerationSizeMb: LEAST_HEAP_MIB + HEAP_MIB_PER_MESSAGE_MIB * Math.ceil(largest / MIB),
      },
    });
    this.#worker.on('message', (message: WorkerMessage) => this.#onMessage(message));
    this.#worker.on('error', (error: Error) => {
      this.#failure = error;
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    this.#worker.on('exit', () => {
      this.#onExit();
      resolve();
    });
  }

  /** @throws GuestFault, ABI_WRONG_SHAPE, RUNTIME_CALL_TIMEOUT, and what keeps a worker from starting */
  static async start(setup: IsolateSetup): Promise<WorkerIsolate> {
    const isolate = new WorkerIsolate(setup);
    const pending = Promise.withResolvers<GuestAnswer>();
    isolate.#pending = pending;
    const { signal } = setup;
    const onAbort = (): void => pending.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await pending.promise;
      isolate.#worker.unref();
      return isolate;
    } catch (error) {
      await isolate.end();
      throw error;
    } finally {
      clearTimeout(isolate.#startDeadline);
      signal.removeEventListener('abort', onAbort);
    }
  }

  get isBusy(): boolean {
    return this.#isAbandoned;
  }

  get memoryBytes(): number {
    return Atomics.load(this.#control, Word.memoryPages) * PAGE_BYTES;
  }

  get leakedBytes(): number {
    return Atomics.load(this.#control, Word.leakedBytes) >>> 0;
  }

  call(exportName: string, input: string | undefined): Promise<GuestAnswer> {
    if (this.#failure) throw this.#failure;
    const byteLength = input === undefined ? 0 : this.#block.writeText(input, 'to guest');
    const { maxMessageBytes: limitBytes } = this.#setup.limits;
    if (byteLength > limitBytes) throw new MessageTooLargeError({ direction: 'to guest', byteLength, limitBytes });
    const pending = Promise.withResolvers<GuestAnswer>();
    this.#pending = pending;
    this.#worker.ref();
    Atomics.store(this.#control, Word.detail, this.#places.get(exportName) as number);
    this.#wake(Signal.call, byteLength);
    return pending.promise;
  }

  abandon(reason: unknown): void {
    if (!this.#pending) return;
    this.#pending.reject(reason);
    this.#pending = undefined;
    this.#isAbandoned = true;
  }

  explain(error: unknown): unknown {
    return error;
  }

  async end(): Promise<void> {
    this.#failure ??= new GuestFault('the instance has ended', { isTrap: true });
    await this.#worker.terminate();
    await this.#exited;
  }

  #wake(signal: number, byteLength: number): void {
    Atomics.store(this.#control, Word.byteLength, byteLength);
    Atomics.store(this.#control, Word.signal, signal);
    Atomics.notify(this.#control, Word.signal, 1);
  }

  #onMessage(message: WorkerMessage): void {
    if (typeof message === 'number') {
      this.#onReport(message);
    } else if ('line' in message) {
      this.#setup.log(message.level, message.line);
    } else if ('fault' in message) {
      this.#fail(decodeFault(message.fault));
    } else {
      this.#setup.onWarning(message.exportName, message.warning);
    }
  }

  #onReport(report: number): void {
    const byteLength = Atomics.load(this.#control, Word.byteLength);
    const detail = Atomics.load(this.#control, Word.detail);
    switch (report) {
      case Report.text:
        this.#settle()?.resolve(this.#block.readText(0, byteLength));
        return;
      case Report.number:
        this.#settle()?.resolve(detail);
        return;
      case Report.starting:
        this.#limitStart();
        return;
      case Report.ready:
        this.#settle()?.resolve(detail);
        return;
      case Report.http:
        void this.#answer(() => this.#setup.hostCalls.http(this.#block.readText(0, byteLength)));
        return;
      case Report.backend:
        void this.#answer(() =>
          this.#setup.hostCalls.backend(this.#block.readText(0, detail), this.#block.readText(detail, byteLength)),
        );
        return;
      default:
        throw new TypeError(`Unknown report ${report}.`);
    }
  }

  /** Counts from when the guest begins, as for any call: how long the thread took to get there is not its fault. */
  #limitStart(): void {
    const { name: module, limits } = this.#setup;
    const { callTimeoutMs } = limits;
    const late = (): void =>
      this.#settle()?.reject(new CallTimeoutError({ module, exportName: 'start-up', callTimeoutMs }));
    this.#startDeadline = setTimeout(late, callTimeoutMs);
  }

  /** Serves one host call and wakes the guest, whatever comes of it: it sleeps until then. */
  async #answer(ask: () => Promise<string | Uint8Array | undefined>): Promise<void> {
    let signal: number = Signal.reply;
    let byteLength = 0;
    try {
      const answer = await ask();
      if (typeof answer === 'string') byteLength = this.#block.writeText(answer, 'to guest');
      else if (answer === undefined) signal = Signal.noReply;
      else byteLength = this.#block.writeBytes(answer, 'to guest');
    } catch (error) {
      const isRefusal = error instanceof GuestFault;
      signal = isRefusal ? Signal.trap : Signal.noReply;
      byteLength = isRefusal ? this.#block.writeText(error.message, 'to guest') : 0;
    }
    this.#wake(signal, byteLength);
  }

  #fail(failure: Error): void {
    this.#settle(failure)?.reject(failure);
  }

  /** The call under way, which is now over. What it failed of is for the instance where the caller has left already. */
  #settle(failure?: Error): PromiseWithResolvers<GuestAnswer> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    if (this.#isAbandoned) {
      this.#isAbandoned = false;
      this.onBack(failure);
    }
    return pending;
  }

  #onExit(): void {
    const reason = this.#failure instanceof GuestFault ? this.#failure.message : 'the worker ended';
    const fault =
      this.#failure instanceof GuestFault
        ? this.#failure
        : new GuestFault(reason, { isTrap: true }, { cause: this.#failure });
    this.#failure = fault;
    this.#fail(fault);
  }
}

/** Both threads count a dialect's operations in the order of its codec. */
function placesInCodec({ codec }: Dialect): ReadonlyMap<string, number> {
  return new Map(Object.values(codec).map(({ exportName }, index) => [exportName, index]));
}
