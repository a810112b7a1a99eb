import { OK, type WitResult } from '../host-function.ts';
import type { HostMemory, Kept } from '../host-memory.ts';
import type { HttpCase } from './http-case.ts';

export type Header = readonly [name: string, value: Uint8Array];

export const TOKEN: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What the headers of one message may come to: names and values in bytes, and how many there are. */
const MOST_BYTES = 131_072;
const MOST_HEADERS = 1_000;
/** What a header takes beside its name and value. */
const HEADER_BYTES = 256;
const INVALID: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'invalid-syntax' } });
const IMMUTABLE: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'immutable' } });

/** `fields` of `wasi:http`: headers in their order, a name as often as it was given. */
export class Fields implements Kept {
  headers: readonly Header[];
  isFrozen = false;
  readonly #memory: HostMemory;

  /** @param headers - They have been counted. */
  constructor(memory: HostMemory, headers: readonly Header[] = []) {
    this.#memory = memory;
    this.headers = headers;
  }

  get keptBytes(): number {
    return keptBytes(this.headers);
  }

  /** @throws WebAssembly.RuntimeError where the host keeps too much */
  clone(): Fields {
    this.#memory.mustTake(this.keptBytes);
    return new Fields(this.#memory, this.headers);
  }

  get(name: string): Uint8Array[] {
    return this.headers.filter((header) => isNamed(header, name)).map(([, value]) => value);
  }

  set(name: string, values: readonly Uint8Array[]): WitResult<never, HttpCase> {
    const added = values.map((value): Header => [name, value]);
    return this.#replace(name, added, () => [...this.headers.filter((header) => !isNamed(header, name)), ...added]);
  }

  append(name: string, value: Uint8Array): WitResult<never, HttpCase> {
    return this.#replace(name, [[name, value]], () => [...this.headers, [name, value]]);
  }

  /** @throws WebAssembly.RuntimeError where they come to too much: a guest's ceiling does not bound what its host keeps */
  #replace(name: string, added: readonly Header[], next: () => readonly Header[]): WitResult<never, HttpCase> {
    if (this.isFrozen) return IMMUTABLE;
    if (!TOKEN.test(name) || !added.every(([, value]) => isHeaderValue(value))) return INVALID;
    const headers = next();
    if (headers.length > MOST_HEADERS || byteLength(headers) > MOST_BYTES)
      throw new WebAssembly.RuntimeError(
        `headers of one message come to more than ${MOST_HEADERS} or more than ${MOST_BYTES} bytes; send as a body what is larger`,
      );
    this.#memory.mustTake(keptBytes(added));
    this.headers = headers;
    return OK;
  }
}

/** The bytes of a value as Node has it: a character for each. */
export function headerBytes(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'latin1'));
}

/** What headers take of the host's memory. */
export function keptBytes(headers: readonly Header[]): number {
  return headers.length * HEADER_BYTES + byteLength(headers);
}

function byteLength(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.byteLength, 0);
}

function isNamed([name]: Header, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function isHeaderValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
}
