import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { BusyWatch } from '../command/busy-watch.ts';
import type { CommandEnd } from '../command/command.ts';
import { CONTROL_BYTES, ControlWord } from '../command/command-setup.ts';
import type { ServedRequest } from '../component/http/incoming-request.ts';
import { processorMs } from '../isolate/processor-ms.ts';
import type { Service, ServiceHandler } from './service.ts';
import { FlowWord, type ServiceMessage, type ServiceOrder, type ServiceSetup } from './service-setup.ts';

const PAGE_BYTES = 65_536;
/** JavaScript memory of the thread: requests, answers, and the host's own functions. */
const HEAP_MIB = 256;
/** As a program that has called `abort`. */
const TRAP_CODE = 134;

// From source Node strips the types itself; built, the entry lies beside this file's bundle.
const isSource = import.meta.url.endsWith('.ts');
const entry = new URL(isSource ? './service-entry.ts' : './service-entry.js', import.meta.url);
const execArgv = isSource ? ['--conditions=@lockgate/source'] : [];

/** A service's thread. */
export class ServiceThread implements Service {
  readonly stderr: Readable = new Readable({ read: () => {} });
  readonly ended: Promise<CommandEnd>;
  readonly #control: Int32Array;
  readonly #flow: Int32Array;
  readonly #worker: Worker;
  readonly #watch: BusyWatch;
  readonly #handlers = new Map<number, ServiceHandler>();
  readonly #http: (request: string, signal: AbortSignal) => Promise<string>;
  readonly #ending = new AbortController();
  readonly #up = Promise.withResolvers<void>();
  #next = 0;
  #end: CommandEnd | undefined;
  #isGone = false;

  /** @param http - Answers a request of the guest, both as JSON. It never rejects. */
  constructor(
    setup: Omit<ServiceSetup, 'control' | 'flow'>,
    callTimeoutMs: number,
    http: (request: string, signal: AbortSignal) => Promise<string>,
  ) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const flow = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#http = http;
    this.#control = new Int32Array(control);
    this.#control[ControlWord.isWaiting] = 1; // for its thread
    this.#flow = new Int32Array(flow);
    const workerData: ServiceSetup = { ...setup, control, flow };
    this.#worker = new Worker(entry, {
      ...{ workerData, execArgv, env: {}, name: 'lockgate service', trackUnmanagedFds: true },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    this.#worker.on('message', (message: ServiceMessage) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#end ??= { exitCode: TRAP_CODE, reason: `its thread ended: ${error.message}` };
    });
    const { promise, resolve } = Promise.withResolvers<CommandEnd>();
    this.ended = promise;
    this.#worker.on('exit', () => {
      this.#watch.stop();
      this.#ending.abort();
      this.#isGone = true;
      const end = this.#end ?? { exitCode: null };
      this.#up.reject(new Error(end.reason ?? 'it was ended'));
      for (const [id, handler] of this.#handlers) {
        this.#handlers.delete(id);
        handler.fail(new Error(end.reason ?? 'it was ended'), true);
      }
      this.stderr.push(null);
      resolve(end);
    });
    this.#watch = new BusyWatch({
      control: this.#control,
      limitMs: callTimeoutMs,
      processorMs: () => processorMs(Atomics.load(this.#control, ControlWord.threadNumber)),
      onTooLong: () => {
        const reason = `it computed for more than ${callTimeoutMs} ms without waiting for anything, and was ended`;
        this.#end ??= { exitCode: null, reason };
        void this.#worker.terminate();
      },
    });
  }

  /** Starts one, with an instance ready. @throws Error that says why no instance can be made */
  static async start(...args: ConstructorParameters<typeof ServiceThread>): Promise<ServiceThread> {
    const thread = new ServiceThread(...args);
    await thread.#up.promise;
    return thread;
  }

  get memoryBytes(): number {
    return Atomics.load(this.#control, ControlWord.memoryPages) * PAGE_BYTES;
  }

  handle(request: ServedRequest, handler: ServiceHandler): () => void {
    if (this.#isGone) {
      handler.fail(new Error(this.#end?.reason ?? 'it was ended'), false);
      return () => {};
    }
    const id = this.#next++;
    this.#handlers.set(id, handler);
    this.#order({ id, request });
    return () => {
      if (this.#handlers.delete(id)) this.#order({ id, abort: true });
    };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  unref(): void {
    this.#worker.unref();
  }

  #order(order: ServiceOrder): void {
    this.#worker.postMessage(order);
  }

  #hear(message: ServiceMessage): void {
    if (message === 'up') this.#up.resolve();
    else if ('trap' in message) {
      const stack = message.stack === undefined ? {} : { stack: message.stack };
      this.#end ??= { exitCode: TRAP_CODE, reason: `it trapped: ${message.trap}`, ...stack };
    } else if ('stderr' in message) {
      this.#took(message.stderr);
      this.stderr.push(message.stderr);
    } else if ('http' in message) {
      void this.#http(message.http, this.#ending.signal).then((answer) => {
        if (!this.#isGone) this.#order({ sent: message.sent, answer });
      });
    } else this.#hand(message);
  }

  /** What comes of a request that nobody wants any more is taken all the same. */
  #hand(message: Extract<ServiceMessage, { readonly id: number }>): void {
    const { id } = message;
    const handler = this.#handlers.get(id);
    if ('bytes' in message) {
      this.#took(message.bytes);
      handler?.data(message.bytes);
    } else if ('status' in message) handler?.head(message.status, message.headers);
    else {
      this.#handlers.delete(id);
      if ('failed' in message) handler?.fail(new Error(message.failed), true);
      else handler?.end();
    }
  }

  #took({ length }: Uint8Array): void {
    Atomics.sub(this.#flow, FlowWord.underWay, length);
    Atomics.notify(this.#flow, FlowWord.underWay);
  }
}
