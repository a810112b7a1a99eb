import { signedLeb128, unsignedLeb128 } from './leb128.ts';

/** The value types that Lockgate's guest ABIs use. */
export type ValueType = 'i32' | 'i64';

/** What a piece of code leaves on the stack. */
export type ResultType = ValueType | 'void';

/** Encoded instructions and, for the type checker, what they leave on the stack. */
export interface Code<T extends ResultType> {
  readonly type: T;
  readonly bytes: readonly number[];
}

/** A parameter, local or global. */
export interface Variable<T extends ValueType> {
  readonly get: Code<T>;
  set(value: Code<T>): Code<'void'>;
}

/** A function of a module under construction; hand it to `call`. */
export interface FunctionRef<P extends readonly ValueType[], R extends ResultType> {
  readonly index: number;
  readonly params: P;
  readonly result: R;
}

/** One operand per parameter. */
export type Operands<P extends readonly ValueType[]> = { readonly [K in keyof P]: Code<P[K]> };

type I32 = Code<'i32'>;
type I64 = Code<'i64'>;
type Void = Code<'void'>;
type Binary<T extends ValueType> = (left: Code<T>, right: Code<T>) => Code<T>;
type Compare<T extends ValueType> = (left: Code<T>, right: Code<T>) => I32;

function code<T extends ResultType>(type: T, ...parts: readonly (number | readonly number[])[]): Code<T> {
  return { type, bytes: parts.flat() };
}

/** Joins code in order; `type` is what the whole leaves behind. */
export function sequence<T extends ResultType>(type: T, parts: readonly Code<ResultType>[]): Code<T> {
  return { type, bytes: parts.flatMap((part) => part.bytes) };
}

function binary<T extends ValueType, R extends ValueType>(result: R, opcode: number) {
  return (left: Code<T>, right: Code<T>): Code<R> => code(result, left.bytes, right.bytes, opcode);
}

/** A variable of either kind: `getter` and `setter` are its two opcodes. */
export function variable<T extends ValueType>(type: T, index: number, getter: number, setter: number): Variable<T> {
  return {
    get: code(type, getter, unsignedLeb128(index)),
    set: (value) => code('void', value.bytes, setter, unsignedLeb128(index)),
  };
}

/** Calls a function with one operand per parameter. */
export function call<P extends readonly ValueType[], R extends ResultType>(
  target: FunctionRef<P, R>,
  ...operands: Operands<P>
): Code<R> {
  const given: readonly Code<ValueType>[] = operands;
  return code(target.result, ...given.map((operand) => operand.bytes), 0x10, unsignedLeb128(target.index));
}

interface I32Instructions {
  const(value: number): I32;
  readonly add: Binary<'i32'>;
  readonly sub: Binary<'i32'>;
  readonly mul: Binary<'i32'>;
  readonly divU: Binary<'i32'>;
  readonly remU: Binary<'i32'>;
  readonly and: Binary<'i32'>;
  readonly eq: Compare<'i32'>;
  readonly ne: Compare<'i32'>;
  readonly ltS: Compare<'i32'>;
  readonly ltU: Compare<'i32'>;
  readonly gtU: Compare<'i32'>;
  readonly geU: Compare<'i32'>;
  eqz(value: I32): I32;
  /** The low 32 bits of an i64. */
  wrap(value: I64): I32;
  load(address: I32): I32;
  load8(address: I32): I32;
  store(address: I32, value: I32): Void;
  store8(address: I32, value: I32): Void;
}

/** Instructions on 32-bit integers, operands first: `i32.add(a, i32.const(1))`. */
export const i32: I32Instructions = {
  const: (value) => code('i32', 0x41, signedLeb128(BigInt(value | 0))),
  add: binary('i32', 0x6a),
  sub: binary('i32', 0x6b),
  mul: binary('i32', 0x6c),
  divU: binary('i32', 0x6e),
  remU: binary('i32', 0x70),
  and: binary('i32', 0x71),
  eq: binary('i32', 0x46),
  ne: binary('i32', 0x47),
  ltS: binary('i32', 0x48),
  ltU: binary('i32', 0x49),
  gtU: binary('i32', 0x4b),
  geU: binary('i32', 0x4f),
  eqz: (value) => code('i32', value.bytes, 0x45),
  wrap: (value) => code('i32', value.bytes, 0xa7),
  load: (address) => code('i32', address.bytes, 0x28, 2, 0),
  load8: (address) => code('i32', address.bytes, 0x2d, 0, 0),
  store: (address, value) => code('void', address.bytes, value.bytes, 0x36, 2, 0),
  store8: (address, value) => code('void', address.bytes, value.bytes, 0x3a, 0, 0),
};

interface I64Instructions {
  const(value: bigint): I64;
  readonly or: Binary<'i64'>;
  readonly shl: Binary<'i64'>;
  readonly shrU: Binary<'i64'>;
  /** An i32 taken as unsigned. */
  extend(value: I32): I64;
}

/** Instructions on 64-bit integers, as spans need them. */
export const i64: I64Instructions = {
  const: (value) => code('i64', 0x42, signedLeb128(BigInt.asIntN(64, value))),
  or: binary('i64', 0x84),
  shl: binary('i64', 0x86),
  shrU: binary('i64', 0x88),
  extend: (value) => code('i64', value.bytes, 0xad),
};

interface MemoryInstructions {
  /** Pages of 64 KiB that the memory has. */
  readonly size: I32;
  /** Grows by some pages; leaves the old size, or -1 when refused. */
  grow(pages: I32): I32;
  copy(destination: I32, source: I32, byteLength: I32): Void;
  fill(destination: I32, byte: I32, byteLength: I32): Void;
}

/** Instructions on memory 0. */
export const memory: MemoryInstructions = {
  size: code('i32', 0x3f, 0),
  grow: (pages) => code('i32', pages.bytes, 0x40, 0),
  copy: (to, from, length) => code('void', to.bytes, from.bytes, length.bytes, 0xfc, 0x0a, 0, 0),
  fill: (to, byte, length) => code('void', to.bytes, byte.bytes, length.bytes, 0xfc, 0x0b, 0),
};

const BLOCK_TYPES: Record<ResultType, number> = { void: 0x40, i32: 0x7f, i64: 0x7e };
const END = 0x0b;

interface FlowInstructions {
  /** Runs the body while the condition holds. */
  while(condition: I32, body: readonly Void[]): Void;
  /** Runs the body for ever. */
  forever(body: readonly Void[]): Void;
  if(condition: I32, then: readonly Void[], otherwise?: readonly Void[]): Void;
  /** One of two values; only the chosen one is computed. */
  either<T extends ValueType>(condition: I32, then: Code<T>, otherwise: Code<T>): Code<T>;
  /** Leaves the function with a value, or with none. */
  return(value?: Code<ValueType>): Void;
  drop(value: Code<ValueType>): Void;
  /** Traps ("unreachable executed"), wherever a value of that type is wanted. */
  trap<T extends ResultType>(type: T): Code<T>;
}

/** Control flow in structured form. */
export const flow: FlowInstructions = {
  while: (condition, body) =>
    code('void', [0x02, 0x40, 0x03, 0x40, ...condition.bytes, 0x45, 0x0d, 1], sequence('void', body).bytes, [
      0x0c,
      0,
      END,
      END,
    ]),
  forever: (body) => code('void', 0x03, 0x40, sequence('void', body).bytes, 0x0c, 0, END),
  if: (condition, then, otherwise = []) =>
    code(
      'void',
      [...condition.bytes, 0x04, 0x40, ...sequence('void', then).bytes],
      otherwise.length > 0 ? [0x05, ...sequence('void', otherwise).bytes] : [],
      END,
    ),
  either: (condition, then, otherwise) =>
    code(then.type, condition.bytes, 0x04, BLOCK_TYPES[then.type], then.bytes, 0x05, otherwise.bytes, END),
  return: (value) => code('void', value?.bytes ?? [], 0x0f),
  drop: (value) => code('void', value.bytes, 0x1a),
  trap: (type) => code(type, 0x00),
};
