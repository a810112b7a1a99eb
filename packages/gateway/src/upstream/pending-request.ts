import { type Cancellable, Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Refusal, Ticket } from '../transport/server-link.ts';
import { ownError } from './refusal-error.ts';

/** Who has sent requests. */
export interface PendingOwner {
  /** A frame on the request's own stream. */
  readonly onFrame: (bytes: Buffer, pending: PendingRequest) => void;
  /** The same where more may follow. */
  readonly onEvent: (bytes: Buffer, pending: PendingRequest) => void;
  readonly onRefused: (refusal: Refusal, pending: PendingRequest) => Error;
  readonly onFailed: (cause: Error, reached: boolean, pending: PendingRequest) => Error;
  /** Nobody waits for it any longer: the server is to know. */
  readonly onCancelled: (reason: unknown, pending: PendingRequest) => void;
  /** It has its answer, whatever that is. */
  readonly onEnded: (pending: PendingRequest) => void;
}

/** A request to a server that waits for its answer. */
export class PendingRequest implements Ticket, Cancellable {
  readonly id: number;
  readonly method: string;
  readonly exchange: Exchange | undefined;
  readonly take: ((message: Message) => boolean) | undefined;
  readonly answer: Promise<ObjectText>;
  readonly #owner: PendingOwner;
  readonly #resolve: (result: ObjectText) => void;
  readonly #reject: (reason: unknown) => void;
  /** Gives up what is being sent. */
  abort: () => void = NOTHING;
  #over: Cancellation | undefined;
  #followed: Cancellation | undefined;
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

  /** Ends with the request: what the server asked on its behalf is wanted no longer. */
  get over(): Cancellation {
    if (!this.#over) {
      this.#over = new Cancellation();
      if (this.isDone) this.#over.cancel(OVER);
    }
    return this.#over;
  }

  /** Ends with this from now on, unless it has ended before. */
  follow(cancellation: Cancellation): void {
    if (this.isDone) return;
    this.#followed = cancellation;
    cancellation.add(this);
  }

  cancel(reason: unknown): void {
    if (this.isDone) return;
    this.#owner.onCancelled(reason, this);
    this.reject(reason);
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

  event(bytes: Buffer): void {
    this.#owner.onEvent(bytes, this);
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
    this.#over?.cancel(OVER);
    this.#followed?.remove(this);
    this.#owner.onEnded(this);
    return true;
  }
}

const NOTHING = (): void => {};

const OVER = new Error('the request has been answered');
