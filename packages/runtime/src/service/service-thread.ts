import { Readable } from 'node:stream';
import type { CommandEnd } from '../command/command.ts';
import { ProgramThread, TRAP_CODE } from '../command/program-thread.ts';
import { type Starting, UnlinkedError } from '../command/started.ts';
import type { ServedRequest } from '../component/http/incoming-request.ts';
import { besideFile } from '../isolate/beside-file.ts';
import type { Service, ServiceHandler } from './service.ts';
import {
  FLOW_WORDS,
  FlowWord,
  type ServiceMessage,
  type ServiceOrder,
  type ServiceSetup,
  unwantedWord,
} from './service-setup.ts';

/** JavaScript memory of the thread: requests, answers, and the host's own functions. */
const HEAP_MIB = 256;

/** A service's thread. */
export class ServiceThread implements Service, Starting {
  readonly stderr: Readable = new Readable({ read: () => {} });
  readonly ended: Promise<CommandEnd>;
  readonly #thread: ProgramThread<ServiceMessage>;
  readonly #flow: Int32Array;
  readonly #handlers = new Map<number, ServiceHandler>();
  readonly #http: (request: string, signal: AbortSignal) => Promise<string>;
  readonly #up = Promise.withResolvers<void>();
  #next = 0;

  /** @param http - Answers a request of the guest, both as JSON. It never rejects. */
  constructor(
    setup: Omit<ServiceSetup, 'control' | 'flow'>,
    callTimeoutMs: number,
    http: (request: string, signal: AbortSignal) => Promise<string>,
  ) {
    const flow = new SharedArrayBuffer(FLOW_WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.#http = http;
    this.#flow = new Int32Array(flow);
    this.#thread = new ProgramThread<ServiceMessage>({
      ...besideFile(import.meta.url, 'service-entry'),
      name: 'lockgate service',
      heapMib: HEAP_MIB,
      setup: (control): ServiceSetup => ({ ...setup, control, flow }),
      callTimeoutMs,
      hear: (message) => this.#hear(message),
      onGone: ({ reason }) => {
        const ended = new Error(reason ?? 'it was ended');
        this.#up.resolve(); // it says itself how it has ended, and what it wrote before
        for (const [id, handler] of this.#handlers) {
          this.#handlers.delete(id);
          handler.fail(ended, true);
        }
        this.stderr.push(null);
      },
    });
    this.ended = this.#thread.ended;
  }

  /** Resolves when an instance is ready, or it is gone: then it says itself how it has ended. @throws UnlinkedError */
  get up(): Promise<void> {
    return this.#up.promise;
  }

  get memoryBytes(): number {
    return this.#thread.memoryBytes;
  }

  handle(request: ServedRequest, handler: ServiceHandler): () => void {
    if (this.#thread.gone.aborted) {
      handler.fail(new Error(this.#thread.end?.reason ?? 'it was ended'), false);
      return () => {};
    }
    const id = this.#next++;
    this.#handlers.set(id, handler);
    this.#order({ id, request });
    return () => {
      if (!this.#handlers.delete(id)) return;
      Atomics.store(this.#flow, unwantedWord(id), id + 1);
      this.#order({ id, abort: true });
    };
  }

  end(): Promise<void> {
    return this.#thread.terminate();
  }

  unref(): void {
    this.#thread.unref();
  }

  #order(order: ServiceOrder): void {
    this.#thread.tell(order);
  }

  #hear(message: ServiceMessage): void {
    if (message === 'up') this.#up.resolve();
    else if ('unlinked' in message) this.#up.reject(new UnlinkedError(message.unlinked));
    else if ('trap' in message) {
      const stack = message.stack === undefined ? {} : { stack: message.stack };
      this.#thread.endsBy({ exitCode: TRAP_CODE, reason: `it trapped: ${message.trap}`, ...stack });
    } else if ('stderr' in message) {
      this.#took(message.stderr);
      this.stderr.push(message.stderr);
    } else if ('http' in message) {
      void this.#http(message.http, this.#thread.gone).then((answer) => {
        if (!this.#thread.gone.aborted) this.#order({ sent: message.sent, answer });
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
