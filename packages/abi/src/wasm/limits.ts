import type { ByteReader } from './byte-reader.ts';

const HAS_MAXIMUM = 0b0001;
const IS_SHARED = 0b0010;
const IS_64 = 0b0100;
const HAS_PAGE_SIZE = 0b1000;

/** A memory's or a table's limits, as declared. For a memory they count pages. */
export interface WasmLimits {
  readonly min: number;
  readonly max?: number;
  readonly shared: boolean;
  readonly is64: boolean;
  /** 65,536 unless the module says otherwise (custom page sizes). */
  readonly pageBytes: number;
  /** Where in the module the limits stand, so that they can be rewritten. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads limits. Source: WebAssembly core spec §5.3.10, with the flags of threads, memory64 and custom page sizes.
 *
 * @throws ABI_BAD_MODULE
 */
export function readLimits(reader: ByteReader): WasmLimits {
  const start = reader.offset;
  const flags = reader.byte();
  if (flags > 0b1111) reader.fail(`limits have the unknown flags ${flags}`);
  const is64 = (flags & IS_64) !== 0;
  const min = is64 ? reader.u64() : reader.u32();
  const max = (flags & HAS_MAXIMUM) !== 0 ? (is64 ? reader.u64() : reader.u32()) : undefined;
  const pageBytes = (flags & HAS_PAGE_SIZE) !== 0 ? readPageBytes(reader) : 65_536;
  return {
    min,
    ...(max === undefined ? {} : { max }),
    shared: (flags & IS_SHARED) !== 0,
    is64,
    pageBytes,
    start,
    end: reader.offset,
  };
}

function readPageBytes(reader: ByteReader): number {
  const exponent = reader.u32();
  return exponent <= 16 ? 2 ** exponent : reader.fail(`a page size of 2^${exponent} bytes is not allowed`);
}

/** The first byte of limits, once a maximum has been added to them. */
export function flagsWithMaximum(limits: WasmLimits): number {
  return (
    HAS_MAXIMUM |
    (limits.shared ? IS_SHARED : 0) |
    (limits.is64 ? IS_64 : 0) |
    (limits.pageBytes === 65_536 ? 0 : HAS_PAGE_SIZE)
  );
}
