import { PassedRequest } from './passed-request.ts';
import { PassedResponse } from './passed-response.ts';
import { ofByteText, type PassedHead, type ReplicaMessageOf, toByteText } from './replica-message.ts';
import type { Replicas } from './replicas.ts';

/** Beats that a gateway may let pass without naming a request that it has passed on. */
const MISSED_BEATS = 4;

/** A request that another gateway has passed on to this one. */
export interface PassedHere {
  readonly head: PassedHead;
  readonly request: PassedRequest;
  readonly response: PassedResponse;
  /** Nothing is done, since this gateway is about to end; the other one looks for itself. */
  readonly decline: () => void;
}

interface Running {
  readonly from: string;
  readonly id: number;
  readonly request: PassedRequest;
  readonly response: PassedResponse;
  missed: number;
}

/** Requests that others have passed to this gateway, until they have been answered or nobody waits any more. */
export class RequestsPassedHere {
  readonly #replicas: Replicas;
  readonly #serve: (passed: PassedHere) => void;
  readonly #running = new Map<string, Running>();
  #isClosed = false;

  /** @param serve - Answers one, as it answers those that come over HTTP. It never throws. */
  constructor(replicas: Replicas, serve: (passed: PassedHere) => void) {
    this.#replicas = replicas;
    this.#serve = serve;
    replicas.on('request', (message) => this.#begin(message));
    replicas.on('body', ({ from, id, body, hasMore }) =>
      this.#running.get(keyOf(from, id))?.request.append(ofByteText(body), hasMore),
    );
    replicas.on('written', ({ from, id, bytes }) => this.#running.get(keyOf(from, id))?.response.written(bytes));
    replicas.on('left', ({ from, id }) => this.#left(this.#running.get(keyOf(from, id))));
    replicas.on('open', (message) => this.#stillOpen(message));
    replicas.onGap(() => this.#cut());
    replicas.onBeat(() => {
      for (const one of this.#running.values()) if (++one.missed > MISSED_BEATS) this.#left(one);
    });
  }

  /** Nobody is answered any more, and those who wait are told. */
  close(): void {
    this.#isClosed = true;
    this.#cut();
  }

  #cut(): void {
    const from = this.#replicas.name;
    if (from === undefined) return;
    for (const [to, all] of Map.groupBy(this.#running.values(), (one) => one.from)) {
      this.#replicas.tell(to, { kind: 'unknown', from, ids: all.map(({ id }) => id) }).catch(() => undefined);
      for (const one of all) this.#left(one);
    }
  }

  #begin({ from, id, head, body, hasMore }: ReplicaMessageOf<'request'>): void {
    const name = this.#replicas.name;
    if (name === undefined) return;
    if (this.#isClosed) {
      this.#replicas.tell(from, { kind: 'closing', from: name, id }).catch(() => undefined);
      return;
    }
    let parts = 0;
    const key = keyOf(from, id);
    const request = new PassedRequest(head);
    const response = new PassedResponse(({ head, body, isLast }) => {
      if (isLast) this.#running.delete(key);
      const part = { from: name, id, part: parts++, head, body: toByteText(body), isLast };
      this.#replicas.tell(from, { kind: 'part', ...part }).catch(() => this.#left({ from, id, request, response }));
    });
    this.#running.set(key, { from, id, request, response, missed: 0 });
    request.append(ofByteText(body), hasMore);
    const decline = (): void => {
      this.#left({ from, id, request, response });
      this.#replicas.tell(from, { kind: 'closing', from: name, id }).catch(() => undefined);
    };
    this.#serve({ head, request, response, decline });
  }

  /** The client has gone, or the gateway that it is connected to. */
  #left(one: Omit<Running, 'missed'> | undefined): void {
    if (!one) return;
    this.#running.delete(keyOf(one.from, one.id));
    one.request.destroy();
    one.response.destroy();
  }

  #stillOpen({ from, ids }: ReplicaMessageOf<'open'>): void {
    const name = this.#replicas.name;
    if (name === undefined) return;
    const named = new Set(ids);
    for (const one of this.#running.values()) {
      if (one.from !== from) continue;
      one.missed = 0;
      if (!named.has(one.id)) this.#left(one);
    }
    const unknown = ids.filter((id) => !this.#running.has(keyOf(from, id)));
    if (unknown.length > 0)
      this.#replicas.tell(from, { kind: 'unknown', from: name, ids: unknown }).catch(() => undefined);
  }
}

function keyOf(from: string, id: number): string {
  return `${from} ${id}`;
}
