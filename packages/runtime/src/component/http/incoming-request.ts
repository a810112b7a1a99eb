import type { WitResult } from '../host-function.ts';
import { ok } from '../host-function.ts';
import type { HostMemory, Kept } from '../host-memory.ts';
import { FAILED, IncomingBody } from './bodies.ts';
import { Fields, type Header, headerBytes, keptBytes } from './fields.ts';
import type { HttpCase } from './http-case.ts';
import { textBytes } from './outgoing-request.ts';

/** A request as it comes to a server. */
export interface ServedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authority: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

const METHODS: ReadonlySet<string> = new Set([
  'get',
  'head',
  'post',
  'put',
  'delete',
  'connect',
  'options',
  'trace',
  'patch',
]);

/** A request that a guest answers. What it comes with is counted, and never refused. */
export class IncomingRequest implements Kept {
  readonly method: HttpCase;
  readonly path: string;
  readonly authority: string;
  readonly headers: Fields;
  #body: Uint8Array | undefined;

  constructor(memory: HostMemory, { method, path, authority, headers, body }: ServedRequest) {
    const tag = method.toLowerCase();
    this.method = METHODS.has(tag) ? { tag } : { tag: 'other', val: method };
    this.path = path;
    this.authority = authority;
    const fields = headers.map(([name, value]): Header => [name, headerBytes(value)]);
    this.headers = new Fields(memory, fields);
    this.headers.isFrozen = true;
    this.#body = body;
    memory.takes(this.keptBytes + keptBytes(fields));
  }

  get keptBytes(): number {
    return textBytes(this.path) + textBytes(this.authority) + (this.#body?.length ?? 0);
  }

  get keeps(): readonly Kept[] {
    return [this.headers];
  }

  consume(): WitResult<IncomingBody, never> {
    const body = this.#body;
    this.#body = undefined;
    return body ? ok(new IncomingBody(body)) : FAILED;
  }
}
