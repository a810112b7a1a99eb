import { decodeHttpResponse, type HttpFailureKind } from '@lockgate/abi';
import { err, ok, type WitResult } from '../host-function.ts';
import type { HostMemory, Kept } from '../host-memory.ts';
import { Pollable } from '../pollable.ts';
import { FAILED, IncomingBody } from './bodies.ts';
import type { FailedRequests } from './failed-requests.ts';
import { failureCase } from './failure-case.ts';
import { Fields, type Header, headerBytes, keptBytes } from './fields.ts';
import type { HttpError } from './http-case.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** An answer that comes while the guest goes on. */
export interface ArrivingAnswer {
  /** As JSON; undefined until it has come. */
  readonly answer: string | undefined;
}

/** One request, as JSON in and out; see `HostCapabilities` of abi. The answer is there, is waited for, or arrives. */
export type SendHttp = (request: string) => string | Promise<string> | ArrivingAnswer;

/** What sends the requests of one instance. */
export interface HttpClient {
  readonly send: SendHttp;
  /** Told why requests failed: guests see no more than that they were denied, or failed. */
  readonly failed: FailedRequests;
  readonly memory: HostMemory;
  /** What has been sent and not been answered, whether or not there is a handle of it. */
  readonly underWay: Set<FutureResponse>;
}

const decoder = new TextDecoder();

export class IncomingResponse implements Kept {
  readonly status: number;
  readonly headers: Fields;
  #body: Uint8Array | undefined;

  constructor(status: number, headers: Fields, body: Uint8Array) {
    this.status = status;
    this.headers = headers;
    this.headers.isFrozen = true;
    this.#body = body;
  }

  get keptBytes(): number {
    return this.#body?.length ?? 0;
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

/** The answer to a request, which is sent when it is first asked for: guests write the body after they have said to send it. */
export class FutureResponse implements Kept {
  readonly #request: OutgoingRequest;
  readonly #client: HttpClient;
  #sentBytes = 0;
  #sent: Promise<void> | ArrivingAnswer | undefined;
  #answer: WitResult<IncomingResponse, HttpError> | undefined;
  #isTaken = false;

  constructor(request: OutgoingRequest, client: HttpClient) {
    this.#request = request;
    this.#client = client;
  }

  get keptBytes(): number {
    return this.#sentBytes;
  }

  get keeps(): readonly (Kept | undefined)[] {
    return [this.#request, this.#answer?.val instanceof IncomingResponse ? this.#answer.val : undefined];
  }

  subscribe(): Pollable {
    return new Pollable(
      () => (this.#hasArrived() ? 0 : Number.POSITIVE_INFINITY),
      () => this.#arrive(),
      this,
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
    const { send, memory, underWay } = this.#client;
    // Answers that have come and nobody has looked for are kept as well.
    for (const one of underWay) one.#hasArrived();
    const text = this.#request.encode();
    if (!memory.takes(text.length)) {
      this.#fail(memory.refusal);
      return undefined;
    }
    const sent = send(text);
    if (typeof sent === 'string') {
      this.#receive(sent);
      return undefined;
    }
    this.#sentBytes = text.length;
    underWay.add(this);
    return sent instanceof Promise ? sent.then((answer) => this.#receive(answer)) : sent;
  }

  #receive(text: string): void {
    const { memory, underWay } = this.#client;
    underWay.delete(this);
    this.#sentBytes = 0;
    const { failure, status, headers, cookies, body } = decodeHttpResponse(text);
    if (failure !== undefined) {
      this.#fail(decoder.decode(body), failure);
      return;
    }
    const fields = Object.entries(headers).flatMap(([name, value]): Header[] => {
      const values = cookies && name.toLowerCase() === 'set-cookie' ? cookies : [value];
      return values.map((one) => [name, headerBytes(one)]);
    });
    if (memory.takes(keptBytes(fields) + body.length))
      this.#answer = ok(new IncomingResponse(status, new Fields(memory, fields), body));
    else this.#fail(memory.refusal);
  }

  #fail(reason: string, kind: HttpFailureKind = 'other'): void {
    this.#client.failed.add(reason);
    this.#answer = err(failureCase(kind, reason));
  }
}
