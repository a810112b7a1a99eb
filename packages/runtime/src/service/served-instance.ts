import {
  type CompiledComponent,
  type ComponentHost,
  type LinkedServer,
  linkServer,
  type Suspension,
} from '@lockgate/abi';
import { ComponentWasi } from '../component/component-wasi.ts';
import type { HostMemory } from '../component/host-memory.ts';
import { IncomingRequest, type ServedRequest } from '../component/http/incoming-request.ts';
import { ResponseOutparam, type ResponseSink } from '../component/http/outgoing-response.ts';
import type { KeyValueStores } from '../component/key-value.ts';
import { InputStream, OutputStream } from '../component/streams.ts';
import { promising, suspending } from '../host/suspend.ts';
import type { PlacedGrant } from '../options.ts';
import type { Turn } from './turn.ts';

/** What passes at once, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

const WAITING: ReadonlySet<string> = new Set([
  'wasi:io/poll#[method]pollable.block',
  'wasi:io/poll#poll',
  'wasi:io/streams#[method]input-stream.blocking-read',
  'wasi:io/streams#[method]input-stream.blocking-skip',
  'wasi:io/streams#[method]output-stream.blocking-splice',
]);

const suspension = { promising, suspending } as Suspension;

export interface ServedInstanceSetup {
  readonly code: CompiledComponent;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly storage: readonly PlacedGrant[];
  /** What it has together with the other instances. */
  readonly keyValue: KeyValueStores | undefined;
  /** What is kept for all instances. */
  readonly memory: HostMemory;
  readonly stderr: (bytes: Uint8Array) => void;
  /** Sends a request over HTTP, and calls back when its answer has come. */
  readonly send: (request: string, onAnswer: (answer: string) => void) => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** So much of what an instance writes is kept, in characters. */
const TAIL_LENGTH = 2_000;

/** One instance of a component, for one request. */
export class ServedInstance {
  readonly #host: ComponentHost;
  readonly #linked: LinkedServer;
  readonly #turn: Turn;
  readonly #memory: HostMemory;
  #tail = '';

  constructor(setup: ServedInstanceSetup, turn: Turn) {
    const { code, args, env, storage, keyValue, memory, stderr, send } = setup;
    this.#turn = turn;
    this.#memory = memory;
    const hear = (bytes: Uint8Array): void => {
      this.#tail = (this.#tail + decoder.decode(bytes)).slice(-TAIL_LENGTH);
      stderr(bytes);
    };
    const output = (): OutputStream => new OutputStream(hear);
    const wasi = new ComponentWasi({
      console: { stdin: () => new InputStream(() => undefined), stdout: output, stderr: output },
      ...{ args, grants: { storage, env }, keyValue, memory, mostBytes: MOST_BYTES },
      sleep: (ms) => turn.sleep(ms),
      http: (request) => {
        const arriving: { answer: string | undefined } = { answer: undefined };
        send(request, (answer) => {
          arriving.answer = answer;
          turn.wake();
        });
        return arriving;
      },
      say: (line) => stderr(encoder.encode(`${line}\n`)),
      waits: (interfaceName, name) => WAITING.has(`${interfaceName}#${name}`),
    });
    this.#host = wasi.host(env);
    try {
      this.#linked = linkServer(code, { host: this.#host, mostBytes: MOST_BYTES, suspension });
    } catch (error) {
      this.#host.close?.();
      throw error;
    }
  }

  /** The last of what it wrote to standard output and standard error; undefined where that is nothing. */
  get lastWords(): string | undefined {
    return this.#tail === '' ? undefined : this.#tail;
  }

  get memoryBytes(): number {
    return this.#linked.memoryBytes;
  }

  /** Answers a request; resolves when the guest has done with it. @throws what it trapped of */
  async answer(request: ServedRequest, sink: ResponseSink): Promise<void> {
    const { enter } = this.#linked;
    await this.#turn.run(
      () => enter([new IncomingRequest(this.#memory, request), new ResponseOutparam(sink)]) as Promise<void>,
    );
  }

  close(): void {
    this.#host.close?.();
  }
}
