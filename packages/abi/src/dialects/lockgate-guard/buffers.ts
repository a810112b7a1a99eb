import {
  GuardBufferError,
  GuardCodeError,
  GuestOutOfMemoryError,
  MessageError,
  MessageTooLargeError,
} from '../../errors.ts';
import type { Span } from '../../span.ts';
import type { GuardExportName, GuardExports, GuardFunction } from './exports.ts';

const MIB = 1024 * 1024;
const MAX_INPUT_BYTES = 8 * MIB;
const FIRST_OUTPUT_BYTES = 4 * MIB;
/** Longest answer of a guard, in bytes. */
export const MAX_OUTPUT_BYTES: number = 16 * MIB;
const MAX_ATTEMPTS = 3;
// What direct placement leaves to the guest below the two buffers.
const GUEST_RESERVE_BYTES = 64 * 1024;

const TOO_SMALL = -2;
const UNASKED = new Uint8Array(4);
const encoder = new TextEncoder();

/** One question to a guard. */
export interface GuardCall<T, R = number> {
  readonly exportName: GuardExportName;
  /** The export; it may be the promising one, then {@link callGuardAsync} is to be used. */
  readonly call: GuardFunction<R>;
  /** The question; bytes are copied before the guard is called. */
  readonly input: string | Uint8Array;
  readonly decode: (answer: string) => T;
}

/**
 * Asks a guard: buffers in, call, answer out, buffers back. The output buffer starts at 4 MiB and grows to what the
 * guard asks for, or doubles, up to 16 MiB in at most 3 attempts. Source: ABI.md §2.
 *
 * What the guard throws comes through as it is, and then nothing is freed: after a trap it is not called again. After
 * every other failure both buffers are given back.
 *
 * @throws ABI_MESSAGE_TOO_LARGE when the input is above 8 MiB; the guard is then not called.
 * @throws ABI_GUARD_CODE, ABI_GUARD_BUFFER, ABI_OUT_OF_MEMORY, ABI_SPAN_OUT_OF_BOUNDS, ABI_BAD_MESSAGE, and what
 * `decode` throws.
 */
export function callGuard<T>(guard: GuardExports, { exportName, call, input, decode }: GuardCall<T>): T {
  const buffered = new BufferedCall(guard, exportName, input);
  for (;;) {
    const { inputSpan, outputSpan } = buffered;
    const code = call(inputSpan.pointer, inputSpan.byteLength, outputSpan.pointer, outputSpan.byteLength);
    const answer = buffered.settle(code, decode);
    if (answer) return answer.value;
  }
}

/** {@link callGuard} for an export that answers with a promise (`WebAssembly.promising`), awaited at that one point. */
export async function callGuardAsync<T>(
  guard: GuardExports,
  { exportName, call, input, decode }: GuardCall<T, Promise<number>>,
): Promise<T> {
  const buffered = new BufferedCall(guard, exportName, input);
  for (;;) {
    const { inputSpan, outputSpan } = buffered;
    const code = await call(inputSpan.pointer, inputSpan.byteLength, outputSpan.pointer, outputSpan.byteLength);
    const answer = buffered.settle(code, decode);
    if (answer) return answer.value;
  }
}

/** The buffers of one question, from the first attempt to the last. */
class BufferedCall {
  inputSpan: Span;
  outputSpan: Span;
  readonly #guard: GuardExports;
  readonly #exportName: GuardExportName;
  readonly #input: Uint8Array;
  readonly #held: Span[] = [];
  #attempts = 0;

  constructor(guard: GuardExports, exportName: GuardExportName, input: string | Uint8Array) {
    this.#guard = guard;
    this.#exportName = exportName;
    // A call of the back end may change the bytes under a guard that is asked a second time.
    this.#input = typeof input === 'string' ? encoder.encode(input) : input.slice();
    const byteLength = this.#input.length;
    if (byteLength > MAX_INPUT_BYTES) {
      throw new MessageTooLargeError({
        direction: 'to guest',
        byteLength,
        limitBytes: MAX_INPUT_BYTES,
        measure: 'fixed',
      });
    }
    try {
      [this.inputSpan, this.outputSpan] = this.#place(FIRST_OUTPUT_BYTES);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** The answer, or `undefined` when the guard is to be called again with the larger buffer that now stands. */
  settle<T>(code: number, decode: (answer: string) => T): { readonly value: T } | undefined {
    let again = false;
    try {
      if (code >= 0) return { value: decode(this.#read(code)) };
      if (code !== TOO_SMALL) throw new GuardCodeError({ exportName: this.#exportName, guardCode: code });
      const larger = this.#largerOutput();
      this.#release();
      [this.inputSpan, this.outputSpan] = this.#place(larger);
      again = true;
      return undefined;
    } finally {
      if (!again) this.#release();
    }
  }

  #read(byteLength: number): string {
    const exportName = this.#exportName;
    const { pointer, byteLength: capacity } = this.outputSpan;
    if (byteLength > capacity) {
      throw new GuardBufferError({ exportName, problem: `claims ${byteLength} bytes in a buffer of ${capacity}` });
    }
    const text = this.#guard.memory.readExactText({ pointer, byteLength });
    // Labels decide who sees what: two that differ in broken bytes must not become one.
    if (text === undefined) throw new MessageError({ exportName, field: '', problem: 'is not UTF-8' });
    return text;
  }

  /** The capacity of the next output buffer, in bytes. */
  #largerOutput(): number {
    const exportName = this.#exportName;
    const { pointer, byteLength: capacity } = this.outputSpan;
    const asked = this.#guard.memory.readUint32(pointer);
    if (asked > MAX_OUTPUT_BYTES) {
      throw new GuardBufferError({ exportName, problem: `asks for ${asked} bytes, above ${MAX_OUTPUT_BYTES}` });
    }
    if (this.#attempts >= MAX_ATTEMPTS || capacity >= MAX_OUTPUT_BYTES) {
      const problem = `found ${capacity} bytes too small in attempt ${this.#attempts}, the last one`;
      throw new GuardBufferError({ exportName, problem });
    }
    return asked > capacity ? asked : Math.min(capacity * 2, MAX_OUTPUT_BYTES);
  }

  #place(capacity: number): [input: Span, output: Span] {
    const { memory, allocator } = this.#guard;
    const spans: [Span, Span] = allocator
      ? [this.#take(this.#input.length), this.#take(capacity)]
      : this.#placeAtEnd(capacity);
    memory.write(spans[0].pointer, this.#input);
    // The guard may write the size it needs here; what stood here before must not be taken for it.
    memory.write(spans[1].pointer, UNASKED);
    this.#attempts += 1;
    return spans;
  }

  #take(byteLength: number): Span {
    const pointer = this.#guard.allocator?.allocate(byteLength) ?? 0;
    const span = { pointer, byteLength };
    this.#held.push(span);
    return span;
  }

  #placeAtEnd(capacity: number): [input: Span, output: Span] {
    const { memory, onDirectPlacement } = this.#guard;
    onDirectPlacement(this.#exportName);
    const byteLength = this.#input.length;
    if (!memory.ensure(byteLength + capacity + GUEST_RESERVE_BYTES)) {
      throw new GuestOutOfMemoryError({ byteLength: byteLength + capacity, allocator: 'memory.grow' });
    }
    const output = { pointer: memory.byteLength - capacity, byteLength: capacity };
    return [{ pointer: output.pointer - byteLength, byteLength }, output];
  }

  #release(): void {
    // Last in, first out, for guests whose allocator is a stack.
    for (let span = this.#held.pop(); span; span = this.#held.pop()) {
      this.#guard.allocator?.free(span.pointer, span.byteLength);
    }
  }
}
