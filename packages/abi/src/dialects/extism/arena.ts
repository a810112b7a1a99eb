const PAGE_BYTES = 65_536;
/** 0 is no handle. */
const FIRST_HANDLE = 16;
const STEP_BYTES = 16;

const encoder = new TextEncoder();
// A byte order mark is part of what was said.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The memory of Extism's kernel for one guest: blocks that live until the call ends, at addresses that are their handles.
 * Guests may point into the middle of blocks, and beyond their ends; what they read outside of the memory is 0, and what
 * they write there is lost. Source: EXTISM.md §1.1.
 */
export class Arena {
  readonly #ceilingBytes: number;
  readonly #lengths = new Map<number, number>();
  /** Handles of freed blocks, by the room that they have. */
  readonly #spare = new Map<number, number[]>();
  /** Grows, and never shrinks. */
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array<ArrayBuffer>;
  #top = FIRST_HANDLE;

  /** @param ceilingBytes - What it may grow to; of a started page of 64 KiB nothing is used. */
  constructor(ceilingBytes: number) {
    const maximum = Math.max(1, Math.floor(ceilingBytes / PAGE_BYTES));
    this.#ceilingBytes = maximum * PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial: 1, maximum });
    this.#bytes = new Uint8Array(this.memory.buffer);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** The handle of a new block; 0 for no bytes, and where there is no room for them. */
  allocate(byteLength: number): number {
    if (!(byteLength > 0) || byteLength > this.#ceilingBytes) return 0;
    const room = roomFor(byteLength);
    let handle = this.#top;
    if (handle + room <= this.#bytes.length) this.#top += room;
    else handle = this.#spare.get(room)?.pop() ?? this.#grow(room);
    if (handle !== 0) this.#lengths.set(handle, byteLength);
    return handle;
  }

  /** Ends the block that starts there, if one does. */
  free(handle: number): void {
    const byteLength = this.#lengths.get(handle);
    if (byteLength === undefined) return;
    this.#lengths.delete(handle);
    const room = roomFor(byteLength);
    const spare = this.#spare.get(room);
    if (spare) spare.push(handle);
    else this.#spare.set(room, [handle]);
  }

  /** The length of the block that starts there; 0 where none does. */
  lengthOf(handle: number): number {
    return this.#lengths.get(handle) ?? 0;
  }

  /** Whether a range lies inside the memory. */
  holds(address: number, byteLength: number): boolean {
    return address >= 0 && byteLength >= 0 && address + byteLength <= this.#bytes.length;
  }

  /** A new block with these bytes; 0 as {@link allocate}. */
  place(bytes: Uint8Array): number {
    const handle = this.allocate(bytes.length);
    if (handle !== 0) this.#bytes.set(bytes, handle);
    return handle;
  }

  /** A new block with this text, or its bytes where they are too many to be put there at once. 0 for an empty one. */
  placeText(text: string): number | Uint8Array {
    if (text === '') return 0;
    const top = this.#top;
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    if (top + roomFor(3 * text.length) > this.#bytes.length) return encoder.encode(text);
    return this.allocate(encoder.encodeInto(text, this.#bytes.subarray(top)).written);
  }

  /** A view of a range that {@link holds} was asked about, for as long as nothing is allocated. */
  view(address: number, byteLength: number): Uint8Array {
    return this.#bytes.subarray(address, address + byteLength);
  }

  readText(address: number, byteLength: number): string {
    return decoder.decode(this.view(address, byteLength));
  }

  /** Ends all blocks, and clears them: the next call may be for somebody else, and may put out what it never wrote. */
  reset(): void {
    this.#bytes.fill(0, FIRST_HANDLE, this.#top);
    this.#lengths.clear();
    this.#spare.clear();
    this.#top = FIRST_HANDLE;
  }

  #grow(room: number): number {
    const needed = Math.ceil((this.#top + room) / PAGE_BYTES) * PAGE_BYTES;
    const wanted = Math.min(this.#ceilingBytes, Math.max(needed, 2 * this.#bytes.length));
    if (needed > this.#ceilingBytes || !this.#growTo(wanted)) return 0;
    const handle = this.#top;
    this.#top += room;
    return handle;
  }

  #growTo(byteLength: number): boolean {
    try {
      this.memory.grow((byteLength - this.#bytes.length) / PAGE_BYTES);
    } catch {
      return false; // the machine has no more
    }
    this.#bytes = new Uint8Array(this.memory.buffer);
    return true;
  }
}

/** Rounded up so that freed blocks fit others: by 16 bytes, and from 256 bytes on by an eighth of the power of two below. */
function roomFor(byteLength: number): number {
  const step = Math.max(STEP_BYTES, 2 ** (28 - Math.clz32(byteLength)));
  return Math.ceil(byteLength / step) * step;
}
