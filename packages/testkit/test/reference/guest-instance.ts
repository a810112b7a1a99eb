import { packSpan, type Span, unpackSpan } from '@lockgate/abi';
import type { CreateModuleOptions } from '../../src/index.ts';

/** Faults of the exchange with a guest. */
export type InstanceFault =
  | 'view kept across growth'
  | 'large output freed before it is copied'
  | 'input never freed'
  | 'trap in free is a failure'
  | 'leak never recycled'
  | 'answer copied after the lock';

type Export = (...operands: unknown[]) => unknown;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const jspi = WebAssembly as unknown as {
  Suspending: new (target: Export) => WebAssembly.ImportValue;
  promising(target: WebAssembly.ExportValue): Export;
};

/** One instance of a real guest, driven through JSPI in this thread. It has no lock: see `TurnLock`. */
export class GuestInstance {
  readonly #fault: string | undefined;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Exports;
  readonly #promising = new Map<string, Export>();
  /** Frees that trapped. After the first one `free` is not called again. */
  leaks = 0;
  trapped = false;
  /** Its call was aborted while the guest may have been anywhere inside. */
  givenUp = false;
  #lent: Span | undefined;

  constructor(
    module: WebAssembly.Module,
    options: Pick<CreateModuleOptions, 'fetch' | 'onGuestLog'>,
    fault: string | undefined,
  ) {
    this.#fault = fault;
    const instance = new WebAssembly.Instance(module, {
      env: {
        host_log: (pointer: number, length: number) =>
          options.onGuestLog('info', this.#read({ pointer: pointer >>> 0, byteLength: length >>> 0 })),
        host_http_request: new jspi.Suspending((request) => this.#fetch(request as bigint, options)),
      },
    });
    this.#exports = instance.exports;
    this.#memory = instance.exports.memory as WebAssembly.Memory;
    this.#start();
  }

  /** Alloc, write, call, read, free. */
  async exchange(field: string, input?: string): Promise<string> {
    const operands: bigint[] = [];
    const given = input === undefined ? undefined : this.#put(input);
    if (given) operands.push(packSpan(given));
    const view = this.#fault === 'view kept across growth' ? new Uint8Array(this.#memory.buffer) : undefined;
    try {
      const output = unpackSpan((await this.#call(field, operands)) as bigint);
      const early = this.#fault === 'large output freed before it is copied' && output.byteLength > 100_000;
      if (early) this.#free(output);
      const bytes = view?.slice(output.pointer, output.pointer + output.byteLength) ?? this.#copy(output);
      if (!early) this.#free(output);
      return decoder.decode(bytes);
    } finally {
      if (given && !this.trapped && this.#fault !== 'input never freed') this.#free(given);
    }
  }

  /** What `answer copied after the lock` does instead: the answer's block stays until somebody reads it, or the next call wants the room. */
  async lend(field: string, input: string): Promise<() => string> {
    this.#takeBack();
    const given = this.#put(input);
    const output = unpackSpan((await this.#call(field, [packSpan(given)])) as bigint);
    this.#free(given);
    this.#lent = output;
    return () => {
      const text = decoder.decode(this.#copy(output));
      if (this.#lent === output) this.#takeBack();
      return text;
    };
  }

  #takeBack(): void {
    if (this.#lent) this.#free(this.#lent);
    this.#lent = undefined;
  }

  async healthy(): Promise<boolean> {
    return (await this.#call('healthy', [])) === 1;
  }

  async #call(field: string, operands: readonly bigint[]): Promise<unknown> {
    const target = this.#promising.get(field) ?? jspi.promising(this.#exports[field] as WebAssembly.ExportValue);
    this.#promising.set(field, target);
    try {
      return await target(...operands);
    } catch (error) {
      this.trapped = true;
      throw new Error(`guest trapped in ${field}`, { cause: error });
    }
  }

  #start(): void {
    (this.#exports._initialize as Export | undefined)?.();
  }

  async #fetch(request: bigint, options: Pick<CreateModuleOptions, 'fetch'>): Promise<bigint> {
    const { url } = JSON.parse(this.#read(unpackSpan(request))) as { url: string };
    const answer = await options.fetch(url).then(
      async (response) => ({ status: response.status, headers: {}, body: await response.text() }),
      (error: unknown) => ({ status: 0, headers: {}, body: String(error) }),
    );
    return packSpan(this.#put(JSON.stringify(answer)));
  }

  #put(text: string): Span {
    const bytes = encoder.encode(text);
    const pointer = ((this.#exports.malloc as Export)(bytes.byteLength) as number) >>> 0;
    if (pointer === 0) throw new Error('guest out of memory');
    new Uint8Array(this.#memory.buffer, pointer, bytes.byteLength).set(bytes);
    return { pointer, byteLength: bytes.byteLength };
  }

  #copy({ pointer, byteLength }: Span): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, byteLength).slice();
  }

  #read(span: Span): string {
    return decoder.decode(this.#copy(span));
  }

  #free({ pointer, byteLength }: Span): void {
    if (byteLength === 0) return;
    if (this.leaks > 0 && this.#fault !== 'leak never recycled') {
      this.leaks += 1;
      return;
    }
    try {
      (this.#exports.free as Export)(pointer);
    } catch (error) {
      if (this.#fault === 'trap in free is a failure') throw error;
      this.leaks += 1;
    }
  }
}
