import type { Allocator } from './allocator.ts';
import { MessageTooLargeError } from './errors.ts';
import type { GuestMemory } from './guest-memory.ts';
import { packSpan, type Span, unpackSpan } from './span.ts';

const EMPTY: Span = { pointer: 0, byteLength: 0 };
const encoder = new TextEncoder();

// Short texts are encoded here, to learn their length before the guest is asked for room. UTF-8 takes at most three
// bytes for each UTF-16 unit.
const SCRATCH_BYTES = 48 * 1024;
let scratch: Uint8Array | undefined = new Uint8Array(SCRATCH_BYTES);

/** One instance, as an exchange needs it. */
export interface ExchangeGuest {
  readonly memory: GuestMemory;
  readonly allocator: Allocator;
  /** Longest message in either direction, in bytes. */
  readonly maxMessageBytes: number;
}

/**
 * One message to a guest and its answer: alloc, write, call, read, free as one sequence. Nothing here waits; the
 * caller must see to it that no other call enters the instance meanwhile.
 *
 * What the guest throws comes through as it is, and then nothing is freed: after a trap the guest is not called again.
 * When only `decode` throws, everything is freed.
 *
 * @param call - The export; it gets the input's span, `0n` without one.
 * @param input - The message; `undefined` or empty for none.
 * @throws ABI_MESSAGE_TOO_LARGE, ABI_OUT_OF_MEMORY, ABI_SPAN_OUT_OF_BOUNDS, and what `call` and `decode` throw.
 */
export function exchange<T>(
  guest: ExchangeGuest,
  call: (input: bigint) => bigint,
  input: string | Uint8Array | undefined,
  decode: (answer: string) => T,
): T {
  const given = input === undefined ? EMPTY : place(guest, input);
  return receive(guest, given, call(packSpan(given)), (answer) => decode(guest.memory.readText(answer)));
}

/**
 * {@link exchange} whose answer stays bytes: they are copied once, to the start of the room that the receiver makes
 * for so many, and their length is answered.
 */
export function exchangeInto(
  guest: ExchangeGuest,
  call: (input: bigint) => bigint,
  input: string | Uint8Array | undefined,
  room: (byteLength: number) => Uint8Array,
): number {
  const given = input === undefined ? EMPTY : place(guest, input);
  return receive(guest, given, call(packSpan(given)), (answer) => guest.memory.copyInto(answer, room));
}

/** {@link exchange} for an export that answers with a promise (`WebAssembly.promising`), awaited at that one point. */
export async function exchangeAsync<T>(
  guest: ExchangeGuest,
  call: (input: bigint) => Promise<bigint>,
  input: string | Uint8Array | undefined,
  decode: (answer: string) => T,
): Promise<T> {
  const given = input === undefined ? EMPTY : place(guest, input);
  return receive(guest, given, await call(packSpan(given)), (answer) => decode(guest.memory.readText(answer)));
}

/**
 * Puts a message into newly allocated guest memory and answers its span, which the receiver owns. An empty message
 * takes no memory. Host functions answer guests with it.
 *
 * @throws ABI_MESSAGE_TOO_LARGE, ABI_OUT_OF_MEMORY, ABI_SPAN_OUT_OF_BOUNDS, and what the guest's allocator throws.
 */
export function place(guest: ExchangeGuest, message: string | Uint8Array): Span {
  if (typeof message !== 'string') return placeBytes(guest, message);
  const buffer = scratch;
  if (buffer === undefined || message.length * 3 > SCRATCH_BYTES) return placeBytes(guest, encoder.encode(message));
  // The guest's allocator may call the host, and the host another guest: meanwhile the scratch is taken.
  scratch = undefined;
  try {
    return placeBytes(guest, buffer.subarray(0, encoder.encodeInto(message, buffer).written));
  } finally {
    scratch = buffer;
  }
}

function placeBytes({ memory, allocator, maxMessageBytes }: ExchangeGuest, bytes: Uint8Array): Span {
  const byteLength = bytes.length;
  if (byteLength === 0) return EMPTY;
  if (byteLength > maxMessageBytes) {
    throw new MessageTooLargeError({ direction: 'to guest', byteLength, limitBytes: maxMessageBytes });
  }
  const pointer = allocator.allocate(byteLength);
  memory.write(pointer, bytes);
  return { pointer, byteLength };
}

function receive<T>(guest: ExchangeGuest, given: Span, packed: bigint, read: (answer: Span) => T): T {
  const { allocator, maxMessageBytes } = guest;
  const answer = unpackSpan(packed);
  try {
    if (answer.byteLength > maxMessageBytes) {
      throw new MessageTooLargeError({
        direction: 'from guest',
        byteLength: answer.byteLength,
        limitBytes: maxMessageBytes,
      });
    }
    return read(answer);
  } finally {
    // Last in, first out, for guests whose allocator is a stack. A guest that answers with its input owns one block.
    const echoes = answer.pointer === given.pointer;
    if (answer.byteLength > 0 && !echoes) allocator.free(answer.pointer, answer.byteLength);
    if (given.byteLength > 0) allocator.free(given.pointer, given.byteLength);
  }
}
