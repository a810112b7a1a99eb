import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Refusal, Ticket } from '../transport/server-link.ts';
import { ownError } from './refusal-error.ts';

/** Who has sent requests. */
export interface PendingOwner {
  /** A frame on the request's own stream. */
  readonly onFrame: (bytes: Buffer, pending: PendingRequest) => void;
  readonly onRefused: (refusal: Refusal, pending: PendingRequest) => Error;
  readonly onFailed: (cause: Error, reached: boolean, pending: PendingRequest) => Error;
}

/** A request to a server that waits for its answer. */
export class PendingRequest implements Ticket {
  readonly id: number;
  readonly method: string;
  readonly exchange: Exchange | undefined;
  readonly take: ((message: Message) => boolean) | undefined;
  readonly answer: Promise<ObjectText>;
  readonly #owner: PendingOwner;
  readonly #resolve: (result: ObjectText) => void;
  readonly #reject: (reason: unknown) => void;
  /** Ends with the request: what the server asked on its behalf is wanted no longer. */
  readonly over: Cancellation = new Cancellation();
  isDone = false;

  constructor(
    owner: PendingOwner,
    id: number,
    method: string,
    exchange: Exchange | undefined,
    take: ((message: Message) => boolean) | undefined,
  ) {
    this.#owner = owner;
    this.id = id;
    this.method = method;
    this.exchange = exchange;
    this.take = take;
    const { promise, resolve, reject } = Promise.withResolvers<ObjectText>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(result: ObjectText): void {
    if (!this.#end()) return;
    this.#resolve(result);
  }

  reject(reason: unknown): void {
    if (!this.#end()) return;
    this.#reject(reason);
  }

  frame(bytes: Buffer): void {
    this.#owner.onFrame(bytes, this);
  }

  refused(refusal: Refusal): void {
    if (!this.isDone) this.reject(ownError(refusal, this.id) ?? this.#owner.onRefused(refusal, this));
  }

  failed(cause: Error, reached: boolean): void {
    if (!this.isDone) this.reject(this.#owner.onFailed(cause, reached, this));
  }

  #end(): boolean {
    if (this.isDone) return false;
    this.isDone = true;
    this.over.cancel(OVER);
    return true;
  }
}

const OVER = new Error('the request has been answered');
