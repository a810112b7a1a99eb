import type { GuestLogLevel, GuestLogWriter } from '../../capabilities/host.ts';
import { LockgateError } from '../../errors.ts';
import { Arena } from './arena.ts';
import { mustFit } from './fitting-output.ts';
import { HostRefusal } from './host-refusal.ts';
import { type KernelCode, linkKernelCode } from './kernel-code.ts';
import { Variables } from './variables.ts';

/** What is read of a log line at most; the rest would be cut anyway. */
const MAX_LINE_BYTES = 65_536;

const encoder = new TextEncoder();

/** What stays from call to call. */
export interface KeptByKernel {
  readonly settings: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, Uint8Array>;
  readonly httpStatus: number;
}

/** What a kernel asks of its host. */
export interface KernelHost {
  readonly log: GuestLogWriter;
  /** The most of what is parsed, in bytes. */
  readonly maxMessageBytes: number;
  /** The guest used a handle for something that holds nothing. */
  readonly onDeadHandle: () => void;
}

/**
 * Extism's kernel for one guest: the memory through which everything passes, and what a guest keeps there. All handles end
 * with their call; variables, settings and the last HTTP status stay. Source: EXTISM.md §1.
 */
export class Kernel {
  readonly arena: Arena;
  /** The functions that are called for each byte or word. */
  readonly code: KernelCode;
  readonly #host: KernelHost;
  readonly #variables = new Variables();
  #settings: ReadonlyMap<string, string> = new Map();
  readonly #inputOffset = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  readonly #inputLength = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  #input = 0;
  #output = 0;
  #outputLength = 0;
  #error = 0;
  #lostBytes = 0;
  #refusedBytes = 0;
  httpStatus = 0;

  constructor(arenaCeilingBytes: number, host: KernelHost) {
    this.arena = new Arena(arenaCeilingBytes);
    const { memory } = this.arena;
    this.code = linkKernelCode({ memory, inputOffset: this.#inputOffset, inputLength: this.#inputLength });
    this.#host = host;
  }

  get kept(): KeptByKernel {
    return { settings: this.#settings, variables: this.#variables.all, httpStatus: this.httpStatus };
  }

  set kept({ settings, variables, httpStatus }: KeptByKernel) {
    this.#settings = settings;
    this.httpStatus = httpStatus;
    for (const [key, value] of variables) this.#variables.set(key, value);
  }

  /** Starts a call, and says how many bytes its input has; {@link inputLength} is less where there is no room for them. */
  begin(input: string | Uint8Array): number {
    this.arena.reset();
    this.#output = this.#outputLength = this.#error = this.#lostBytes = this.#refusedBytes = 0;
    const bytes = typeof input === 'string' ? this.arena.placeText(input) : input;
    this.#input = typeof bytes === 'number' ? bytes : this.arena.place(bytes);
    const placed = this.arena.lengthOf(this.#input);
    this.#inputOffset.value = this.#input | 0;
    this.#inputLength.value = placed | 0;
    return typeof bytes === 'number' ? placed : bytes.length;
  }

  get inputLength(): number {
    return (this.#inputLength.value as number) >>> 0;
  }

  get output(): Uint8Array {
    return this.arena.view(this.#output, this.#outputLength);
  }

  /** What the guest says went wrong; undefined where it says nothing. */
  get error(): Uint8Array | undefined {
    const byteLength = this.#error === 0 ? 0 : this.arena.lengthOf(this.#error);
    return byteLength === 0 ? undefined : this.arena.view(this.#error, byteLength);
  }

  /** Why nothing is put out although the guest meant to; undefined where it did not, or has put out something else. */
  get lostOutput(): string | undefined {
    if (this.#output !== 0 || this.#lostBytes === 0) return undefined;
    const refused = this.refusedRoom;
    const outside = `its output of ${this.#lostBytes} bytes lies outside of Extism's memory`;
    return refused === undefined ? outside : `${outside}: ${refused}`;
  }

  /** Says that a block was refused in this call; undefined where none was. */
  get refusedRoom(): string | undefined {
    if (this.#refusedBytes === 0) return undefined;
    return (
      `a block of ${this.#refusedBytes} bytes was refused, as there is no more room for what passes: pass less at once, ` +
      'or raise "maxMessageBytes" ("limits.maxMessageBytes" in lockgate.json), of which that is four times'
    );
  }

  /** The handle of a new block; 0 as of {@link Arena.allocate}. */
  allocate(byteLength: number): number {
    const handle = this.arena.allocate(byteLength);
    if (handle === 0 && byteLength > 0) this.#refusedBytes = byteLength;
    return handle;
  }

  get errorHandle(): number {
    return this.#error;
  }

  set settings(settings: Readonly<Record<string, string>>) {
    this.#settings = new Map(Object.entries(settings));
  }

  free(handle: number): void {
    if (handle === this.#input) this.#inputLength.value = 0;
    this.arena.free(handle);
  }

  setOutput(address: number, byteLength: number): void {
    if (address === 0 || !this.arena.holds(address, byteLength)) {
      this.#lostBytes = byteLength;
      return;
    }
    this.#output = address;
    this.#outputLength = byteLength;
  }

  setError(handle: number): void {
    this.#error = handle;
  }

  setting(key: number): number {
    const name = this.text(key);
    const value = name === undefined ? undefined : this.#settings.get(name);
    return this.#answer(value === undefined ? undefined : encoder.encode(value), key);
  }

  variable(key: number): number {
    const name = this.text(key);
    return this.#answer(name === undefined ? undefined : this.#variables.get(name), key);
  }

  /** @throws HostRefusal where there is no room for it */
  setVariable(key: number, value: number): void {
    const name = this.text(key);
    const bytes = value === 0 ? undefined : this.bytes(value);
    this.free(key);
    this.free(value);
    if (name === undefined) return;
    if (value === 0) this.#variables.delete(name);
    else if (bytes && !this.#variables.set(name, bytes))
      throw new HostRefusal(`the variable of ${bytes.length} bytes does not fit: variables may take 1 MiB together`);
  }

  log(level: GuestLogLevel, message: number): void {
    const { log } = this.#host;
    if (log.isFull) {
      log.drop();
      this.free(message);
      return;
    }
    const line = this.text(message, MAX_LINE_BYTES);
    this.free(message);
    if (line !== undefined) log.write(level, line);
  }

  /** The text of a block, which a guest that hands it over may free itself or leave to the host. */
  text(handle: number, mostBytes: number = Number.POSITIVE_INFINITY): string | undefined {
    const byteLength = this.bytes(handle)?.length;
    return byteLength === undefined ? undefined : this.arena.readText(handle, Math.min(byteLength, mostBytes));
  }

  /**
   * The text of a block that is to be parsed as JSON.
   *
   * @throws HostRefusal where it, or its values, are larger than those of a message may be
   */
  json(handle: number): string | undefined {
    const bytes = this.bytes(handle);
    if (bytes === undefined) return undefined;
    try {
      mustFit(bytes, { limitBytes: this.#host.maxMessageBytes, isJson: true });
    } catch (error) {
      if (LockgateError.isInstance(error)) throw new HostRefusal((error as Error).message);
      throw error;
    }
    return this.text(handle);
  }

  /** The bytes of a block; a view until something is allocated. */
  bytes(handle: number): Uint8Array | undefined {
    const byteLength = this.arena.lengthOf(handle);
    if (byteLength > 0) return this.arena.view(handle, byteLength);
    this.#host.onDeadHandle();
    return undefined;
  }

  /** The block of an answer. Only then the question is freed: guests free it again, and would free the answer in its place. */
  #answer(bytes: Uint8Array | undefined, question: number): number {
    const handle = bytes === undefined ? 0 : this.arena.place(bytes);
    this.free(question);
    return handle;
  }
}
