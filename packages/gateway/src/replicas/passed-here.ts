import { PassedRequest } from './passed-request.ts';
import { PassedResponse } from './passed-response.ts';
import { RecentGateways } from './recent-gateways.ts';
import { ofByteText, type PassedHead, type ReplicaMessageOf, type UnderWay } from './replica-message.ts';
import type { Replicas } from './replicas.ts';
import { SentParts } from './sent-parts.ts';
import { SkippedRequests } from './skipped-requests.ts';

/** Beats that a gateway may let pass without naming a request that it has passed on. */
const MISSED_BEATS = 4;

/** Bytes of answers that have been sent whole, and that the others have not said that they have: the oldest are kept no longer. */
const ANSWERED_BYTES = 16_777_216;

/** What one of them takes beside its body, in bytes. */
const ANSWERED_OVERHEAD_BYTES = 1_024;

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
  readonly parts: SentParts;
  missed: number;
}

/** One that has been answered, where the other gateway may not have heard all of it. */
interface Answered {
  readonly from: string;
  readonly id: number;
  readonly parts: SentParts;
  readonly bytes: number;
  missed: number;
}

/** Requests that others have passed to this gateway, until they have been answered or nobody waits any more. */
export class RequestsPassedHere {
  readonly #replicas: Replicas;
  readonly #serve: (passed: PassedHere) => void;
  readonly #running = new Map<string, Running>();
  /** In the order in which they were answered. */
  readonly #answered = new Map<string, Answered>();
  #answeredBytes = 0;
  /** The last request that each has passed: numbers only grow. */
  readonly #last = new RecentGateways<number>();
  /** What was never begun of what each has passed before that. */
  readonly #skipped = new RecentGateways<SkippedRequests>();
  #isClosed = false;

  /** @param serve - Answers one, as it answers those that come over HTTP. It never throws. */
  constructor(replicas: Replicas, serve: (passed: PassedHere) => void) {
    this.#replicas = replicas;
    this.#serve = serve;
    replicas.on('request', (message) => this.#begin(message));
    replicas.on('body', (message) => this.#body(message));
    replicas.on('written', ({ from, id, bytes }) => this.#running.get(keyOf(from, id))?.response.written(bytes));
    replicas.on('left', ({ from, id }) => this.#left(this.#running.get(keyOf(from, id))));
    replicas.on('open', (message) => this.#stillOpen(message));
    replicas.onGap(() => this.#cut());
    replicas.onBeat(() => {
      for (const one of this.#running.values()) if (++one.missed > MISSED_BEATS) this.#left(one);
      for (const [key, one] of this.#answered) if (++one.missed > MISSED_BEATS) this.#forget(key, one);
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
    for (const [key, one] of this.#answered) this.#forget(key, one);
    for (const [to, all] of Map.groupBy(this.#running.values(), (one) => one.from)) {
      this.#replicas.tell(to, { kind: 'unknown', from, ids: all.map(({ id }) => id) }).catch(() => undefined);
      for (const one of all) this.#left(one);
    }
  }

  #begin({ from, id, before, head, body, hasMore }: ReplicaMessageOf<'request'>): void {
    const name = this.#replicas.name;
    const last = this.#last.get(from) ?? 0;
    // One that was taken for lost, and comes after all, is done elsewhere by now.
    if (name === undefined || id <= last) return;
    this.#last.set(from, id);
    // It was told while this gateway did not hear.
    if (before > last) this.#skippedOf(from).add(last + 1, before);
    if (this.#isClosed) {
      this.#replicas.tell(from, { kind: 'closing', from: name, id }).catch(() => undefined);
      return;
    }
    const request = new PassedRequest(head);
    const parts = new SentParts((part) => this.#replicas.tell(from, { kind: 'part', from: name, id, ...part }));
    const response = new PassedResponse((part) => {
      parts.add(part);
      if (part.isLast) this.#hasAnswered(one);
    });
    const one: Running = { from, id, request, response, parts, missed: 0 };
    this.#running.set(keyOf(from, id), one);
    request.append(ofByteText(body), hasMore);
    const decline = (): void => {
      this.#left(one);
      this.#replicas.tell(from, { kind: 'closing', from: name, id }).catch(() => undefined);
    };
    this.#serve({ head, request, response, decline });
  }

  #body({ from, id, at, body, hasMore }: ReplicaMessageOf<'body'>): void {
    const one = this.#running.get(keyOf(from, id));
    if (!one) return;
    if (at === one.request.bytes) one.request.append(ofByteText(body), hasMore);
    else this.#missed(from, [one]);
  }

  /** What has not come whole has not been begun. */
  #missed(from: string, all: readonly (Running | UnderWay)[]): void {
    const name = this.#replicas.name;
    if (name === undefined || all.length === 0) return;
    const ids = all.map(({ id }) => id);
    for (const id of ids) {
      this.#left(this.#running.get(keyOf(from, id)));
      // Asked about again where the answer is not heard.
      this.#skippedOf(from).add(id);
    }
    this.#replicas.tell(from, { kind: 'missed', from: name, ids }).catch(() => undefined);
  }

  #skippedOf(from: string): SkippedRequests {
    const skipped = this.#skipped.get(from) ?? new SkippedRequests();
    this.#skipped.set(from, skipped);
    return skipped;
  }

  #hasAnswered({ from, id, parts }: Running): void {
    const key = keyOf(from, id);
    if (!this.#running.delete(key)) return;
    const bytes = parts.bytes + ANSWERED_OVERHEAD_BYTES;
    this.#answered.set(key, { from, id, parts, bytes, missed: 0 });
    this.#answeredBytes += bytes;
    for (const [oldest, one] of this.#answered) {
      if (this.#answeredBytes <= ANSWERED_BYTES) return;
      this.#forget(oldest, one);
    }
  }

  #forget(key: string, { bytes }: Answered): void {
    this.#answered.delete(key);
    this.#answeredBytes -= bytes;
  }

  /** The client has gone, or the gateway that it is connected to. */
  #left(one: Running | undefined): void {
    if (!one) return;
    this.#running.delete(keyOf(one.from, one.id));
    one.request.destroy();
    one.response.destroy();
  }

  /** What waits for an answer is told what it has missed of it. */
  #stillOpen({ from, requests }: ReplicaMessageOf<'open'>): void {
    const name = this.#replicas.name;
    if (name === undefined) return;
    const named = new Map(requests.map((request) => [request.id, request]));
    for (const one of this.#running.values()) {
      if (one.from !== from) continue;
      one.missed = 0;
      if (!named.has(one.id)) this.#left(one);
    }
    for (const [key, one] of this.#answered) if (one.from === from && !named.has(one.id)) this.#forget(key, one);
    const last = this.#last.get(from) ?? 0;
    const skipped = this.#skipped.get(from);
    skipped?.waitedFor(named.keys());
    const unknown: number[] = [];
    const missed: UnderWay[] = [];
    for (const request of requests) {
      const key = keyOf(from, request.id);
      const running = this.#running.get(key);
      if (request.id > last || skipped?.has(request.id) || (running && running.request.bytes < request.told)) {
        missed.push(request);
        continue;
      }
      const parts = running?.parts ?? this.#answered.get(key)?.parts;
      running?.response.written(request.written);
      if (parts) parts.waitedFor(request.part, request.isMissed);
      else unknown.push(request.id);
    }
    this.#last.set(from, Math.max(last, ...named.keys()));
    this.#missed(from, missed);
    if (unknown.length > 0)
      this.#replicas.tell(from, { kind: 'unknown', from: name, ids: unknown }).catch(() => undefined);
  }
}

function keyOf(from: string, id: number): string {
  return `${from} ${id}`;
}
