import { StateExport } from '@lockgate/abi';

const CHUNK_BYTES = 4_096;
const PAGE_BYTES = 65_536;
/** Larger memories take longer to copy than a waiting call should notice. */
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;
const MOST_COPIED_BYTES = 8 * 1024 * 1024;
const MOST_TABLE_ENTRIES = 2_048;

const ZEROS = new Uint8Array(CHUNK_BYTES);

/** All that a guest can change of itself, between two calls; plain data that crosses threads. */
export interface GuestState {
  readonly memoryBytes: number;
  /** The chunks of memory that hold anything but zeros, one after the other. */
  readonly chunks: Uint8Array<ArrayBuffer>;
  /** Which chunk each of them is. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** In the order of their exports. */
  readonly globals: readonly (number | bigint)[];
  /** What the host keeps for it; see `BoundGuest.kept` of abi. */
  readonly kept?: unknown;
}

/**
 * The state of one instance: taken when the guest is about to leave its thread, given when it goes on in another. Only of
 * modules that went through `exportState` of abi.
 */
export class StateExports {
  readonly #memory: WebAssembly.Memory;
  readonly #globals: readonly WebAssembly.Global[];
  readonly #tables: readonly WebAssembly.Table[];
  /** The entries of all tables as they were at first: functions of this instance, which no other one could be given. */
  readonly #entries: readonly unknown[];

  private constructor(memory: WebAssembly.Memory, globals: WebAssembly.Global[], tables: WebAssembly.Table[]) {
    this.#memory = memory;
    this.#globals = globals;
    this.#tables = tables;
    this.#entries = entriesOf(tables);
  }

  /** Of an instance in which nothing has run yet; undefined where its state is out of reach, or too large for this. */
  static of(exports: WebAssembly.Exports): StateExports | undefined {
    const memory = exports[`${StateExport.memory}0`];
    if (!(memory instanceof WebAssembly.Memory)) return undefined;
    const names = Object.keys(exports);
    const named = <T>(prefix: string): T[] =>
      names.filter((name) => name.startsWith(prefix)).map((name) => exports[name] as T);
    const tables = named<WebAssembly.Table>(StateExport.table);
    if (tables.reduce((sum, { length }) => sum + length, 0) > MOST_TABLE_ENTRIES) return undefined;
    return new StateExports(memory, named(StateExport.global), tables);
  }

  /** A copy; undefined where it would be too large, where the guest has changed a table, or where a global holds what cannot be copied. */
  take(): GuestState | undefined {
    const bytes = new Uint8Array(this.#memory.buffer);
    if (bytes.length > MOST_MEMORY_BYTES || !this.#hasFirstEntries()) return undefined;
    const globals = this.#globals.map(({ value }) => value as number | bigint);
    // The bits of a NaN, which guests may keep something in, do not get through JavaScript.
    if (globals.some(Number.isNaN)) return undefined;
    const places = usedChunks(bytes);
    if (places.length * CHUNK_BYTES > MOST_COPIED_BYTES) return undefined;
    const chunks = new Uint8Array(places.length * CHUNK_BYTES);
    for (const [index, place] of places.entries()) {
      const start = place * CHUNK_BYTES;
      chunks.set(bytes.subarray(start, start + CHUNK_BYTES), index * CHUNK_BYTES);
    }
    return { memoryBytes: bytes.length, chunks, places: Uint32Array.from(places), globals };
  }

  /** Makes this new instance what the other one was. @throws RangeError where there is no memory for it */
  give({ memoryBytes, chunks, places, globals }: GuestState): void {
    const missing = memoryBytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(missing / PAGE_BYTES);
    const bytes = new Uint8Array(this.#memory.buffer);
    // What its data segments have put there, the guest may have wiped.
    for (const place of usedChunks(bytes)) bytes.fill(0, place * CHUNK_BYTES, (place + 1) * CHUNK_BYTES);
    for (const [index, place] of places.entries()) {
      const start = index * CHUNK_BYTES;
      bytes.set(chunks.subarray(start, start + CHUNK_BYTES), place * CHUNK_BYTES);
    }
    for (const [index, global] of this.#globals.entries()) global.value = globals[index];
  }

  #hasFirstEntries(): boolean {
    const present = entriesOf(this.#tables);
    return present.length === this.#entries.length && present.every((entry, index) => entry === this.#entries[index]);
  }
}

function usedChunks(bytes: Uint8Array): number[] {
  const places: number[] = [];
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Compared by the system, not in a loop: a thread that starts has no optimised code for one.
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    if (view.compare(ZEROS, 0, CHUNK_BYTES, start, start + CHUNK_BYTES) !== 0) places.push(start / CHUNK_BYTES);
  }
  return places;
}

function entriesOf(tables: readonly WebAssembly.Table[]): unknown[] {
  return tables.flatMap((table) => Array.from({ length: table.length }, (_, index) => table.get(index) as unknown));
}
