import type { Span } from '@lockgate/abi';
import {
  type Code,
  type FunctionRef,
  type ResultType,
  sequence,
  type ValueType,
  type Variable,
  variable,
} from './instructions.ts';
import { signedLeb128, unsignedLeb128 } from './leb128.ts';

const VALUE_TYPES: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e };
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const END = 0x0b;

/** Static data starts here, so that a null pointer never points at it. */
const FIRST_DATA_BYTE = 1024;

/** Where static data must end and heaps may start: the second page of 64 KiB. */
export const HEAP_BASE = 65_536;

/** Limits of the memory, in pages of 64 KiB. */
export interface MemoryLimits {
  /** @default 2 */
  readonly minPages?: number;
  /** @default none declared */
  readonly maxPages?: number;
  /** The module whose `memory` is imported in place of one of its own. */
  readonly from?: string;
}

/** What a function is, before its body. */
export interface FunctionShape<P extends readonly ValueType[], R extends ResultType> {
  readonly params: P;
  readonly result: R;
  /** The name under which the module exports it. */
  readonly export?: string;
}

/** Statements, and a value at the end where the function has a result. */
export type Body<R extends ResultType> = R extends 'void'
  ? readonly Code<'void'>[]
  : readonly [...Code<'void'>[], Code<R>];

type Parameters<P extends readonly ValueType[]> = { readonly [K in keyof P]: Variable<P[K]> };

/** What a body may ask for besides its parameters. */
export interface FunctionScope<P extends readonly ValueType[], R extends ResultType> {
  /** The function itself, for recursion. */
  readonly self: FunctionRef<P, R>;
  /** A new local, zero at first. */
  local<T extends ValueType>(type: T): Variable<T>;
}

/**
 * Assembles a WebAssembly module in the order in which a reader thinks of it: imports, then data, globals and functions,
 * then `build()`. What instructions take and leave is checked by TypeScript; the rest by the engine that compiles the result.
 * Every module has one exported memory. Source: WebAssembly core specification, "Binary Format".
 */
export class WasmBuilder {
  readonly #types: string[] = [];
  readonly #imports: number[][] = [];
  readonly #functions: { readonly type: number; code: readonly number[] }[] = [];
  readonly #globals: number[][] = [];
  readonly #exports: number[][] = [];
  readonly #texts = new Map<string, Span>();
  readonly #data: number[][] = [];
  readonly #custom: number[][] = [];
  readonly #memory: number[];
  readonly #memoryFrom: string | undefined;
  #start: number[] | undefined;
  #dataEnd: number = FIRST_DATA_BYTE;

  constructor(limits: MemoryLimits = {}) {
    const min = unsignedLeb128(limits.minPages ?? 2);
    this.#memory = limits.maxPages === undefined ? [0, ...min] : [1, ...min, ...unsignedLeb128(limits.maxPages)];
    this.#memoryFrom = limits.from;
    this.#exports.push([...name('memory'), 2, 0]);
  }

  /** Imports a function. All imports come before the first function, since they share one numbering. */
  import<const P extends readonly ValueType[], R extends ResultType>(
    module: string,
    field: string,
    params: P,
    result: R,
  ): FunctionRef<P, R> {
    if (this.#functions.length > 0) throw new TypeError(`Import "${module}.${field}" before defining functions.`);
    this.#imports.push([...name(module), ...name(field), 0, ...unsignedLeb128(this.#typeIndex(params, result))]);
    return { index: this.#imports.length - 1, params, result };
  }

  /** A mutable global. */
  global<T extends ValueType>(type: T, initial: bigint): Variable<T> {
    const opcode = type === 'i32' ? 0x41 : 0x42;
    this.#globals.push([VALUE_TYPES[type], 1, opcode, ...signedLeb128(initial), END]);
    return variable(type, this.#globals.length - 1, GLOBAL_GET, GLOBAL_SET);
  }

  /** Places text in static data, once however often it is asked for, and says where. */
  text(content: string): Span {
    const known = this.#texts.get(content);
    if (known) return known;
    const span = this.bytes(new TextEncoder().encode(content));
    this.#texts.set(content, span);
    return span;
  }

  /** Places bytes in static data and says where. */
  bytes(content: Uint8Array): Span {
    const span = this.reserve(content.byteLength);
    this.#data.push([0, 0x41, ...signedLeb128(BigInt(span.pointer)), END, ...vector(content)]);
    return span;
  }

  /** Sets aside zeroed bytes, aligned to 8, before the heap. */
  reserve(byteLength: number): Span {
    const pointer = Math.ceil(this.#dataEnd / 8) * 8;
    this.#dataEnd = pointer + byteLength;
    if (this.#dataEnd > HEAP_BASE) throw new TypeError('Static data of a guest must fit into its first 64 KiB.');
    return { pointer, byteLength };
  }

  /** Defines a function; `body` gets its scope and its parameters. */
  function<const P extends readonly ValueType[], R extends ResultType>(
    shape: FunctionShape<P, R>,
    body: (scope: FunctionScope<P, R>, ...parameters: Parameters<P>) => Body<R>,
  ): FunctionRef<P, R> {
    const self = { index: this.#imports.length + this.#functions.length, params: shape.params, result: shape.result };
    const entry = { type: this.#typeIndex(shape.params, shape.result), code: [] as readonly number[] };
    this.#functions.push(entry);
    if (shape.export !== undefined) this.exportFunction(shape.export, self);

    const locals: ValueType[] = [];
    const scope: FunctionScope<P, R> = {
      self,
      local: (type) => {
        locals.push(type);
        return variable(type, shape.params.length + locals.length - 1, LOCAL_GET, LOCAL_SET);
      },
    };
    const parameters = shape.params.map((type, index) => variable(type, index, LOCAL_GET, LOCAL_SET));
    const instructions = sequence(shape.result, body(scope, ...(parameters as unknown as Parameters<P>)));
    const declared = locals.flatMap((type) => [1, VALUE_TYPES[type]]);
    entry.code = [...unsignedLeb128(locals.length), ...declared, ...instructions.bytes, END];
    return self;
  }

  /** Exports a function under one more name. */
  exportFunction(field: string, target: FunctionRef<readonly ValueType[], ResultType>): void {
    this.#exports.push([...name(field), 0, ...unsignedLeb128(target.index)]);
  }

  /** Has a function run as a part of making an instance. */
  startFunction(target: FunctionRef<readonly [], 'void'>): void {
    this.#start = unsignedLeb128(target.index);
  }

  /** Appends a custom section, which engines skip. */
  custom(sectionName: string, content: Uint8Array): void {
    this.#custom.push([...name(sectionName), ...content]);
  }

  /** The finished module. */
  build(): Uint8Array<ArrayBuffer> {
    const types = this.#types.map((type) => type.split(',').map(Number));
    const from = this.#memoryFrom;
    const importedMemory = from === undefined ? [] : [[...name(from), ...name('memory'), 2, ...this.#memory]];
    return Uint8Array.from(
      [
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, list(types)),
        section(2, list([...this.#imports, ...importedMemory])),
        section(3, list(this.#functions.map((one) => unsignedLeb128(one.type)))),
        section(5, list(from === undefined ? [this.#memory] : [])),
        section(6, list(this.#globals)),
        section(7, list(this.#exports)),
        this.#start === undefined ? [] : section(8, this.#start),
        section(10, list(this.#functions.map((one) => vector(one.code)))),
        section(11, list(this.#data)),
        ...this.#custom.map((content) => section(0, content)),
      ].flat(),
    );
  }

  #typeIndex(params: readonly ValueType[], result: ResultType): number {
    const results = result === 'void' ? [] : [VALUE_TYPES[result]];
    const encoded = [0x60, ...vector(params.map((type) => VALUE_TYPES[type])), ...vector(results)].join();
    const known = this.#types.indexOf(encoded);
    return known >= 0 ? known : this.#types.push(encoded) - 1;
  }
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...vector(content)];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsignedLeb128(items.length), ...items.flat()];
}

function vector(bytes: ArrayLike<number> & Iterable<number>): number[] {
  return [...unsignedLeb128(bytes.length), ...bytes];
}

function name(text: string): number[] {
  return vector(new TextEncoder().encode(text));
}
