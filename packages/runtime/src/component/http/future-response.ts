import { decodeHttpResponse } from '@lockgate/abi';
import { err, ok, type WitResult } from '../host-function.ts';
import { Pollable } from '../pollable.ts';
import { FAILED, IncomingBody } from './bodies.ts';
import { Fields, type Header } from './fields.ts';
import type { HttpCase } from './http-case.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** An answer that comes while the guest goes on. */
export interface ArrivingAnswer {
  /** As JSON; undefined until it has come. */
  readonly answer: string | undefined;
}

/** One request, as JSON in and out; see `HostCapabilities` of abi. The answer is there, is waited for, or arrives. */
export type SendHttp = (request: string) => string | Promise<string> | ArrivingAnswer;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class IncomingResponse {
  readonly status: number;
  readonly headers: Fields;
  #body: Uint8Array | undefined;

  constructor(status: number, headers: Fields, body: Uint8Array) {
    this.status = status;
    this.headers = headers;
    this.headers.isFrozen = true;
    this.#body = body;
  }

  consume(): WitResult<IncomingBody, never> {
    const body = this.#body;
    this.#body = undefined;
    return body ? ok(new IncomingBody(body)) : FAILED;
  }
}

/** The answer to a request, which is sent when it is first asked for: guests write the body after they have said to send it. */
export class FutureResponse {
  readonly #request: OutgoingRequest;
  readonly #send: SendHttp;
  readonly #say: (line: string) => void;
  #sent: Promise<void> | ArrivingAnswer | undefined;
  #answer: WitResult<IncomingResponse, HttpCase> | undefined;
  #isTaken = false;

  constructor(request: OutgoingRequest, send: SendHttp, say: (line: string) => void) {
    this.#request = request;
    this.#send = send;
    this.#say = say;
  }

  subscribe(): Pollable {
    return new Pollable(
      () => (this.#hasArrived() ? 0 : Number.POSITIVE_INFINITY),
      () => this.#arrive(),
    );
  }

  get(): unknown {
    const arriving = (this.#answer ? undefined : this.#arrive()) as Promise<void> | undefined;
    return arriving === undefined ? this.#take() : arriving.then(() => this.#take());
  }

  #take(): WitResult | undefined {
    if (this.#isTaken) return FAILED;
    if (this.#answer === undefined) return undefined;
    this.#isTaken = true;
    return ok(this.#answer);
  }

  #arrive(): void | Promise<void> {
    this.#sent ??= this.#begin();
    const sent = this.#sent;
    if (sent === undefined || sent instanceof Promise) return sent;
    this.#hasArrived();
  }

  /** An answer that comes while the guest goes on is found when somebody looks. */
  #hasArrived(): boolean {
    const sent = this.#sent;
    if (this.#answer === undefined && sent !== undefined && !(sent instanceof Promise)) {
      const { answer } = sent;
      if (answer !== undefined) this.#receive(answer);
    }
    return this.#answer !== undefined;
  }

  #begin(): Promise<void> | ArrivingAnswer | undefined {
    const sent = this.#send(this.#request.encode());
    if (typeof sent === 'string') {
      this.#receive(sent);
      return undefined;
    }
    return sent instanceof Promise ? sent.then((answer) => this.#receive(answer)) : sent;
  }

  #receive(text: string): void {
    const { status, headers, cookies, body } = decodeHttpResponse(text);
    if (status === 0) {
      const reason = decoder.decode(body);
      this.#say(`HTTP request failed: ${reason}`);
      this.#answer = err(failureOf(reason));
      return;
    }
    const fields = Object.entries(headers).flatMap(([name, value]): Header[] => {
      const values = cookies && name.toLowerCase() === 'set-cookie' ? cookies : [value];
      return values.map((one) => [name, encoder.encode(one)]);
    });
    this.#answer = ok(new IncomingResponse(status, new Fields(fields), body));
  }
}

/** What is not granted is denied, and anything else that fails says why. */
function failureOf(reason: string): HttpCase {
  return /not granted|not public/.test(reason)
    ? { tag: 'HTTP-request-denied' }
    : { tag: 'internal-error', val: reason };
}
