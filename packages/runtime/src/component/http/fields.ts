import { OK, type WitResult } from '../host-function.ts';
import type { HttpCase } from './http-case.ts';

export type Header = readonly [name: string, value: Uint8Array];

export const TOKEN: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What the headers of one message may come to: names and values in bytes, and how many there are. */
const MOST_BYTES = 131_072;
const MOST_HEADERS = 1_000;
const INVALID: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'invalid-syntax' } });
const IMMUTABLE: WitResult<never, HttpCase> = Object.freeze({ tag: 'err', val: { tag: 'immutable' } });

/** `fields` of `wasi:http`: headers in their order, a name as often as it was given. */
export class Fields {
  headers: readonly Header[];
  isFrozen = false;

  constructor(headers: readonly Header[] = []) {
    this.headers = headers;
  }

  get(name: string): Uint8Array[] {
    return this.headers.filter((header) => isNamed(header, name)).map(([, value]) => value);
  }

  set(name: string, values: readonly Uint8Array[]): WitResult<never, HttpCase> {
    return this.#replace([name, ...values.map(() => name)], values, () => [
      ...this.headers.filter((header) => !isNamed(header, name)),
      ...values.map((value): Header => [name, value]),
    ]);
  }

  append(name: string, value: Uint8Array): WitResult<never, HttpCase> {
    return this.#replace([name], [value], () => [...this.headers, [name, value]]);
  }

  /** @throws WebAssembly.RuntimeError where they come to too much: a guest's ceiling does not bound what its host keeps */
  #replace(
    names: readonly string[],
    values: readonly Uint8Array[],
    next: () => readonly Header[],
  ): WitResult<never, HttpCase> {
    if (this.isFrozen) return IMMUTABLE;
    if (!names.every((name) => TOKEN.test(name)) || !values.every(isHeaderValue)) return INVALID;
    const headers = next();
    if (headers.length > MOST_HEADERS || byteLength(headers) > MOST_BYTES)
      throw new WebAssembly.RuntimeError(
        `headers of one message come to more than ${MOST_HEADERS} or more than ${MOST_BYTES} bytes; send as a body what is larger`,
      );
    this.headers = headers;
    return OK;
  }
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
