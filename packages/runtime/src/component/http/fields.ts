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
/** They are the connection's, which is the host's. The interface leaves the list to the host: it is the one of Wasmtime (crates/wasi-http). */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const FORBIDDEN: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'forbidden' } });
const INVALID: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'invalid-syntax' } });
const IMMUTABLE: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'immutable' } });

/** `fields` of `wasi:http`: headers in their order, a name as often as it was given. */
export class Fields implements Kept {
  isFrozen = false;
  readonly #memory: HostMemory;
  #headers: readonly Header[];
  #byteLength: number;
  /** The same list, where nobody else has it. */
  #own: Header[] | undefined;

  /** @param headers - They have been counted. */
  constructor(memory: HostMemory, headers: readonly Header[] = []) {
    this.#memory = memory;
    this.#headers = headers;
    this.#byteLength = byteLength(headers);
  }

  /** Those that it has now; what is appended later may be in it as well. */
  get headers(): readonly Header[] {
    return this.#headers;
  }

  get keptBytes(): number {
    return this.#headers.length * HEADER_BYTES + this.#byteLength;
  }

  /** @throws WebAssembly.RuntimeError where the host keeps too much */
  clone(): Fields {
    this.#memory.mustTake(this.keptBytes);
    this.#own = undefined;
    return new Fields(this.#memory, this.#headers);
  }

  get(name: string): Uint8Array[] {
    return this.#headers.filter((header) => isNamed(header, name)).map(([, value]) => value);
  }

  set(name: string, values: readonly Uint8Array[]): WitResult<never, HttpCase> {
    const added = values.map((value): Header => [name, value]);
    const refusal = this.#refusalOf(name, added);
    if (refusal) return refusal;
    const others = this.#headers.filter((header) => !isNamed(header, name));
    this.#takes(added, others.length, byteLength(others));
    this.#own = [...others, ...added];
    this.#headers = this.#own;
    return OK;
  }

  /** Takes the same time however many there are: a guest may have many. */
  append(name: string, value: Uint8Array): WitResult<never, HttpCase> {
    const added: Header = [name, value];
    const refusal = this.#refusalOf(name, [added]);
    if (refusal) return refusal;
    this.#takes([added], this.#headers.length, this.#byteLength);
    this.#own ??= [...this.#headers];
    this.#own.push(added);
    this.#headers = this.#own;
    return OK;
  }

  #refusalOf(name: string, added: readonly Header[]): WitResult<never, HttpCase> | undefined {
    if (this.isFrozen) return IMMUTABLE;
    if (FORBIDDEN_NAMES.has(name.toLowerCase())) return FORBIDDEN;
    return TOKEN.test(name) && added.every(([, value]) => isHeaderValue(value)) ? undefined : INVALID;
  }

  /** @throws WebAssembly.RuntimeError where they come to too much with others: a guest's ceiling does not bound what its host keeps */
  #takes(added: readonly Header[], others: number, otherBytes: number): void {
    const bytes = otherBytes + byteLength(added);
    if (others + added.length > MOST_HEADERS || bytes > MOST_BYTES)
      throw new WebAssembly.RuntimeError(
        `headers of one message come to more than ${MOST_HEADERS} or more than ${MOST_BYTES} bytes; send as a body what is larger`,
      );
    this.#memory.mustTake(added.length * HEADER_BYTES + byteLength(added));
    this.#byteLength = bytes;
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
