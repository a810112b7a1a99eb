import type { Span } from '@lockgate/abi';
import { type Code, call, type FunctionRef, flow, i32, i64, memory, type Variable } from './instructions.ts';
import { HEAP_BASE, type WasmBuilder } from './wasm-builder.ts';

/** `free` overwrites a block with this byte, so that a host which reads after freeing gets nonsense. */
const POISON = 0xdb;

const HEADER_BYTES = 8;
const MAGIC = 0x10c6a7e;
const PAGE_BYTES = 65_536;

type Allocate = FunctionRef<readonly ['i32'], 'i32'>;
type Release = FunctionRef<readonly ['i32'], 'void'>;

/** An allocator inside a guest. */
export interface Allocator {
  readonly malloc: Allocate;
  readonly free: Release;
  /** Blocks in use. */
  readonly live: Variable<'i32'>;
}

/**
 * Defines an allocator that keeps blocks in a row, starts over when the last one is freed, poisons what is freed, and traps on a
 * pointer that it did not give or that was freed before. `malloc` answers null when memory may not grow.
 */
export function defineAllocator(wasm: WasmBuilder): Allocator {
  const top = wasm.global('i32', BigInt(HEAP_BASE));
  const live = wasm.global('i32', 0n);

  const malloc = wasm.function({ params: ['i32'], result: 'i32' }, (scope, size) => {
    const block = scope.local('i32');
    const end = scope.local('i32');
    const available = i32.mul(memory.size, i32.const(PAGE_BYTES));
    const missingPages = i32.divU(
      i32.add(i32.sub(end.get, available), i32.const(PAGE_BYTES - 1)),
      i32.const(PAGE_BYTES),
    );
    return [
      block.set(i32.add(top.get, i32.const(HEADER_BYTES))),
      end.set(i32.and(i32.add(i32.add(block.get, size.get), i32.const(7)), i32.const(-8))),
      flow.if(i32.ltU(end.get, block.get), [flow.return(i32.const(0))]),
      flow.if(i32.gtU(end.get, available), [
        flow.if(i32.eq(memory.grow(missingPages), i32.const(-1)), [flow.return(i32.const(0))]),
      ]),
      i32.store(i32.sub(block.get, i32.const(8)), size.get),
      i32.store(i32.sub(block.get, i32.const(4)), i32.const(MAGIC)),
      top.set(end.get),
      live.set(i32.add(live.get, i32.const(1))),
      block.get,
    ];
  });

  const free = wasm.function({ params: ['i32'], result: 'void' }, (_scope, block) => [
    flow.if(i32.ne(i32.load(i32.sub(block.get, i32.const(4))), i32.const(MAGIC)), [flow.trap('void')]),
    i32.store(i32.sub(block.get, i32.const(4)), i32.const(0)),
    memory.fill(block.get, i32.const(POISON), i32.load(i32.sub(block.get, i32.const(8)))),
    live.set(i32.sub(live.get, i32.const(1))),
    flow.if(i32.eqz(live.get), [top.set(i32.const(HEAP_BASE))]),
  ]);

  return { malloc, free, live };
}

/** The span's pointer, as code. */
export function pointerOf(span: Code<'i64'>): Code<'i32'> {
  return i32.wrap(i64.shrU(span, i64.const(32n)));
}

/** The span's length in bytes, as code. */
export function lengthOf(span: Code<'i64'>): Code<'i32'> {
  return i32.wrap(span);
}

/** Packs a pointer and a length, as code. Source: ABI.md §1, "Span". */
export function spanOf(pointer: Code<'i32'>, byteLength: Code<'i32'>): Code<'i64'> {
  return i64.or(i64.shl(i64.extend(pointer), i64.const(32n)), i64.extend(byteLength));
}

/** A span known when the module is built. */
export function constantSpan(span: Span): Code<'i64'> {
  return i64.const((BigInt(span.pointer) << 32n) | BigInt(span.byteLength));
}

/** Byte-string functions that the catalogue's guests are made of. */
export interface TextKit {
  /** `(hay, needle) -> pointer` just behind the first match, or 0. */
  readonly find: FunctionRef<readonly ['i64', 'i64'], 'i32'>;
  /** `(input) -> span` of the raw text of the first JSON field `"message":"..."`, escapes untouched; 0 where there is none. */
  readonly messageOf: FunctionRef<readonly ['i64'], 'i64'>;
  /** `(before, middle, after) -> span` of the three joined, in a block of its own. Traps when out of memory. */
  readonly join: FunctionRef<readonly ['i64', 'i64', 'i64'], 'i64'>;
  /** `(number) -> span` of its decimal digits, in a block of its own. */
  readonly decimal: FunctionRef<readonly ['i32'], 'i64'>;
}

/** Defines the byte-string functions. */
export function defineTextKit(wasm: WasmBuilder, { malloc }: Allocator): TextKit {
  const find = wasm.function({ params: ['i64', 'i64'], result: 'i32' }, (scope, hay, needle) => {
    const at = scope.local('i32');
    const matched = scope.local('i32');
    const hayByte = i32.load8(i32.add(i32.add(pointerOf(hay.get), at.get), matched.get));
    const needleByte = i32.load8(i32.add(pointerOf(needle.get), matched.get));
    const needleLength = lengthOf(needle.get);
    return [
      flow.while(i32.eqz(i32.gtU(i32.add(at.get, needleLength), lengthOf(hay.get))), [
        matched.set(i32.const(0)),
        flow.while(flow.either(i32.ltU(matched.get, needleLength), i32.eq(hayByte, needleByte), i32.const(0)), [
          matched.set(i32.add(matched.get, i32.const(1))),
        ]),
        flow.if(i32.eq(matched.get, needleLength), [
          flow.return(i32.add(i32.add(pointerOf(hay.get), at.get), needleLength)),
        ]),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
      i32.const(0),
    ];
  });

  const messageOf = wasm.function({ params: ['i64'], result: 'i64' }, (scope, input) => {
    const start = scope.local('i32');
    const at = scope.local('i32');
    const byte = i32.load8(at.get);
    return [
      start.set(call(find, input.get, constantSpan(wasm.text('"message":"')))),
      flow.if(i32.eqz(start.get), [flow.return(i64.const(0n))]),
      at.set(start.get),
      flow.while(i32.ne(byte, i32.const(0x22)), [
        at.set(i32.add(at.get, flow.either(i32.eq(byte, i32.const(0x5c)), i32.const(2), i32.const(1)))),
      ]),
      spanOf(start.get, i32.sub(at.get, start.get)),
    ];
  });

  const join = wasm.function({ params: ['i64', 'i64', 'i64'], result: 'i64' }, (scope, before, middle, after) => {
    const block = scope.local('i32');
    const at = scope.local('i32');
    const put = (part: Code<'i64'>) => [
      memory.copy(at.get, pointerOf(part), lengthOf(part)),
      at.set(i32.add(at.get, lengthOf(part))),
    ];
    return [
      at.set(i32.add(i32.add(lengthOf(before.get), lengthOf(middle.get)), lengthOf(after.get))),
      block.set(call(malloc, at.get)),
      flow.if(i32.eqz(block.get), [flow.trap('void')]),
      at.set(block.get),
      ...put(before.get),
      ...put(middle.get),
      ...put(after.get),
      spanOf(block.get, i32.sub(at.get, block.get)),
    ];
  });

  const decimal = wasm.function({ params: ['i32'], result: 'i64' }, (scope, number) => {
    const block = scope.local('i32');
    const at = scope.local('i32');
    const digit = () => [
      at.set(i32.sub(at.get, i32.const(1))),
      i32.store8(at.get, i32.add(i32.const(0x30), i32.remU(number.get, i32.const(10)))),
      number.set(i32.divU(number.get, i32.const(10))),
    ];
    return [
      // Ten digits suffice for 32 bits. They are written from the right, then moved to the block's start, where `free` wants them.
      block.set(call(malloc, i32.const(10))),
      flow.if(i32.eqz(block.get), [flow.trap('void')]),
      at.set(i32.add(block.get, i32.const(10))),
      ...digit(),
      flow.while(number.get, digit()),
      number.set(i32.sub(i32.add(block.get, i32.const(10)), at.get)),
      memory.copy(block.get, at.get, number.get),
      spanOf(block.get, number.get),
    ];
  });

  return { find, messageOf, join, decimal };
}
