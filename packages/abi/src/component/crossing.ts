import { HELD_PER_BYTE } from '../held-by-json.ts';
import type { CanonicalOptions } from './component-plan.ts';
import type { Handles, Loans, OpenHandles, Resource } from './handles.ts';
import { type Direction, PassingLimitError } from './passing-limit.ts';
import type { ResourceType } from './value-type.ts';

/** One instance of a component. */
export interface ComponentInstance {
  readonly handles: Handles;
  /** What the types of resources that it knows of are in this instance. */
  readonly resources: ReadonlyMap<ResourceType, Resource>;
  /** False while values are moved, or cleaned up: the guest may not call out then. */
  mayLeave: boolean;
  /** False while a call is inside. */
  mayEnter: boolean;
}

/** What all instances of one linked component have in common. */
export interface ComponentStore {
  /** Why nothing of it may run again. Guests that catch exceptions cannot undo it. */
  dead: Error | undefined;
  /** Bytes that may pass at once, in either direction. */
  readonly mostBytes: number;
  readonly handles: OpenHandles;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Where values cross between one core module's memory and the host: one for each function that is lifted or lowered. Views are taken
 * anew after any code of the guest, which may have grown its memory.
 */
export class Crossing {
  readonly store: ComponentStore;
  readonly instance: ComponentInstance;
  readonly encoding: CanonicalOptions['encoding'];
  /** Of the call that is under way. */
  loans: Loans = { lent: [], open: 0 };
  /** What may still pass in this call, in bytes. */
  #left = 0;
  /** What its values may still take of the host's memory. */
  #heldLeft = 0;
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #realloc: ((old: number, oldBytes: number, align: number, bytes: number) => unknown) | undefined;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);

  constructor(
    store: ComponentStore,
    instance: ComponentInstance,
    options: {
      readonly encoding: CanonicalOptions['encoding'];
      readonly memory: WebAssembly.Memory | undefined;
      readonly realloc: ((...args: number[]) => unknown) | undefined;
    },
  ) {
    this.store = store;
    this.instance = instance;
    this.encoding = options.encoding;
    this.#memory = options.memory;
    this.#realloc = options.realloc;
  }

  /** The memory as bytes, until code of the guest runs. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#view;
  }

  /** Ends the guest. @throws WebAssembly.RuntimeError always */
  trap(reason: string): never {
    const error = new WebAssembly.RuntimeError(reason);
    this.store.dead ??= error;
    throw error;
  }

  /** The start of a range that lies in memory, and where its alignment asks for. */
  range(pointer: number, byteLength: number, align: number): number {
    if (pointer % align !== 0) this.trap(`a pointer is not aligned to ${align} bytes`);
    // A memory that other threads grow leaves views too short.
    if (pointer + byteLength > this.bytes.length) this.#refresh();
    if (pointer + byteLength > this.#bytes.length) {
      this.trap(`${byteLength} bytes at ${pointer} leave the memory of ${this.#bytes.length} bytes`);
    }
    return pointer;
  }

  /** Room in the guest's memory. It is asked for nothing as well: a guest may give back whatever it was handed, and componentize-py does. */
  allocate(byteLength: number, align: number): number {
    if (this.#realloc === undefined) return this.trap('there is no "realloc" to make room with');
    const { instance } = this;
    instance.mayLeave = false;
    const pointer = this.#realloc(0, 0, align, byteLength);
    instance.mayLeave = true;
    return this.range(this.int32(pointer) >>> 0, byteLength, align);
  }

  /** Values begin to pass, in one direction: what has passed before is no longer counted. */
  begin(): void {
    this.#left = this.store.mostBytes;
    this.#heldLeft = this.store.mostBytes * HELD_PER_BYTE;
  }

  /** Counts bytes that pass. @throws PassingLimitError */
  spend(byteLength: number, direction: Direction): void {
    this.#left -= byteLength;
    if (this.#left < 0) this.#refuse(direction, this.store.mostBytes, this.#left, 'message');
  }

  /** Counts what values of the guest will take of the host's memory, which is many times what they are in the guest's. @throws PassingLimitError */
  hold(byteLength: number): void {
    this.#heldLeft -= byteLength;
    if (this.#heldLeft < 0) this.#refuse('from guest', this.store.mostBytes * HELD_PER_BYTE, this.#heldLeft, 'values');
  }

  #refuse(direction: Direction, limitBytes: number, left: number, measure: 'message' | 'values'): never {
    const error = new PassingLimitError({ direction, byteLength: limitBytes - left, limitBytes, measure });
    this.store.dead ??= error;
    throw error;
  }

  resource(type: ResourceType): Resource {
    return this.instance.resources.get(type) ?? this.trap(`the resource "${type.name}" is not known here`);
  }

  /** What core code gave as an i32. Modules are linked without a check of types: what has another one traps. */
  int32(value: unknown): number {
    return typeof value === 'number' ? value : this.trap('core code gave something else than a number of 32 bits');
  }

  int64(value: unknown): bigint {
    return typeof value === 'bigint' ? value : this.trap('core code gave something else than an integer of 64 bits');
  }

  #refresh(): void {
    if (this.#memory === undefined) this.trap('a value passes in memory, and there is none');
    const { buffer } = this.#memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
