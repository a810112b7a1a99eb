import { ok, type WitResult } from '../host-function.ts';
import type { HostMemory, Kept } from '../host-memory.ts';
import { type BodySink, FAILED, OutgoingBody } from './bodies.ts';
import type { Fields } from './fields.ts';
import type { HttpError } from './http-case.ts';

/** Who is told of a guest's answer. */
export interface ResponseSink extends BodySink {
  /** @param headers - In their order, a name as often as the guest gave it. */
  head(status: number, headers: readonly (readonly [name: string, value: string])[]): void;
  fail(reason: string): void;
}

/** An answer that a guest makes. */
export class OutgoingResponse implements Kept {
  readonly keptBytes = 0;
  readonly headers: Fields;
  status = 200;
  readonly #memory: HostMemory;
  #body: OutgoingBody | undefined;

  constructor(memory: HostMemory, headers: Fields) {
    this.#memory = memory;
    this.headers = headers;
    headers.isFrozen = true;
  }

  get keeps(): readonly (Kept | undefined)[] {
    return [this.headers, this.#body];
  }

  body(): WitResult<OutgoingBody, never> {
    if (this.#body) return FAILED;
    this.#body = new OutgoingBody(this.#memory);
    return ok(this.#body);
  }

  /** Passes it on; what is written to its body from now on follows. */
  passOn(sink: ResponseSink): void {
    const decoder = new TextDecoder('latin1');
    sink.head(
      this.status,
      this.headers.headers.map(([name, value]) => [name.toLowerCase(), decoder.decode(value)] as const),
    );
    if (this.#body) this.#body.passOn(sink);
    else sink.finish();
  }
}

/** Where a guest puts its answer, once. */
export class ResponseOutparam {
  readonly #sink: ResponseSink;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  set(answer: WitResult<OutgoingResponse, HttpError>): void {
    if (answer.tag === 'ok') answer.val?.passOn(this.#sink);
    else this.#sink.fail(`it answered with the error ${answer.val?.tag ?? 'internal-error'}`);
  }
}
