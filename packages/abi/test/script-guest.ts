import { Allocator, type ExchangeGuest, GuestMemory, packSpan } from '../src/index.ts';

/** A guest whose functions are written here, on a real memory: it can do what no compiler would let through. */
export interface ScriptGuest extends ExchangeGuest {
  readonly raw: WebAssembly.Memory;
  /** What happened to the allocator, in order: `malloc 5 -> 1024`, `free 1024`. */
  readonly log: string[];
  readonly leaks: number[];
  /** Puts bytes somewhere into memory and packs their span, as a guest's answer. */
  readonly answer: (bytes: Uint8Array | string, pointer?: number) => bigint;
}

export interface ScriptGuestOptions {
  readonly malloc?: (byteLength: number) => number;
  readonly free?: (pointer: number) => void;
  readonly maxMessageBytes?: number;
  readonly pages?: number;
}

export function scriptGuest(options: ScriptGuestOptions = {}): ScriptGuest {
  const raw = new WebAssembly.Memory({ initial: options.pages ?? 2 });
  const log: string[] = [];
  const leaks: number[] = [];
  let next = 1024;
  const bump = (byteLength: number): number => {
    const pointer = next;
    next += byteLength;
    return pointer;
  };
  const allocator = new Allocator(
    {
      name: 'malloc',
      allocate: (byteLength) => {
        const pointer = (options.malloc ?? bump)(byteLength);
        log.push(`malloc ${byteLength} -> ${pointer}`);
        return pointer;
      },
      free: (pointer) => {
        log.push(`free ${pointer}`);
        options.free?.(pointer);
      },
    },
    { onLeak: (byteLength) => leaks.push(byteLength) },
  );
  return {
    raw,
    log,
    leaks,
    memory: new GuestMemory(raw),
    allocator,
    maxMessageBytes: options.maxMessageBytes ?? 1024 * 1024,
    answer: (bytes, pointer = 60_000) => {
      const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
      new Uint8Array(raw.buffer).set(content, pointer);
      return BigInt.asIntN(64, packSpan({ pointer, byteLength: content.length }));
    },
  };
}
