import { ceilingReached } from '../ceilings.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { Slots } from '../protocol/slots.ts';
import type { RequestWire } from './answer-request.ts';

/** What one client may have unanswered; each request is kept whole until it is answered. */
const MAX_REQUESTS = 1_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** A request that is being answered, under the id that its client gave it. */
export interface RunningRequest {
  readonly id: Buffer;
  readonly byteLength: number;
  /** Whether it is answered some time without its client doing anything; a stream of changes is not. */
  readonly ends: boolean;
  readonly place: number;
  /** Places are given again; this rises with every request. */
  readonly order: number;
  readonly wire: RequestWire | undefined;
  cancellation: Cancellation | undefined;
}

/** The requests of one client that are being answered. Several may have the same id. */
export class RunningRequests {
  readonly #all = new Slots<RunningRequest>();
  #bytes = 0;
  #ending = 0;
  #count = 0;
  #onSettled: (() => void) | undefined;

  /** @throws RpcError -32000 where the client has too much unanswered already. */
  add({ id, method, byteLength }: RequestFrame, cancellation?: Cancellation, wire?: RequestWire): RunningRequest {
    if (this.#all.size >= MAX_REQUESTS || this.#bytes + byteLength > MAX_BYTES) {
      ceilingReached('requests');
      const most = `${MAX_REQUESTS} requests or ${MAX_BYTES} bytes of them`;
      throw RpcError.of(RpcCode.refused, `A client may have at most ${most} unanswered; wait for answers.`);
    }
    const ends = method !== 'subscriptions/listen';
    const running = { id, byteLength, ends, place: this.#all.next, order: this.#count++, wire, cancellation };
    this.#all.add(running);
    this.#bytes += byteLength;
    if (ends) this.#ending++;
    return running;
  }

  remove({ place, byteLength, ends }: RunningRequest): void {
    this.#all.remove(place);
    this.#bytes -= byteLength;
    if (ends) this.#ending--;
    if (this.#ending === 0) this.#onSettled?.();
  }

  /** The client no longer wants the answer to this id; false where nothing of it runs here. */
  cancel(id: Buffer | undefined, reason: Error): boolean {
    let isHere = false;
    for (let place = 0; place < this.#all.places; place++) {
      const running = this.#all.at(place);
      if (!running || !id?.equals(running.id)) continue;
      isHere = true;
      running.cancellation?.cancel(reason);
    }
    return isHere;
  }

  /** Where the answer of the newest goes of which the client reads what is sent; undefined where there is none. */
  get readWire(): RequestWire | undefined {
    let newest: RunningRequest | undefined;
    for (const running of this.#all.values()) {
      const isRead = running.wire !== undefined && running.wire.isRead !== false;
      if (isRead && running.order > (newest?.order ?? -1)) newest = running;
    }
    return newest?.wire;
  }

  /** Whether the client takes the answer of one of them and nothing else. */
  get takesOnlyAnswer(): boolean {
    return this.#all.values().some(({ wire }) => wire?.takesOnlyAnswer === true);
  }

  cancelAll(reason: Error): void {
    for (const { cancellation } of this.#all.values()) cancellation?.cancel(reason);
  }

  /** The ids of what ends by itself and has not been answered. */
  unanswered(): Buffer[] {
    return [...this.#all.values()].filter(({ ends }) => ends).map(({ id }) => id);
  }

  /** Resolves when everything that ends by itself has been answered. */
  settled(): Promise<void> {
    if (this.#ending === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled = resolve;
    return promise;
  }
}
