import type { ServerResponse } from 'node:http';
import { API_HEADERS } from './answer-api.ts';
import type { Call, Events, UpstreamSummary } from './api.ts';
import type { LogLines } from './console-sources.ts';
import { type EventPlace, formatPlace } from './event-place.ts';
import { type LineFilter, linesAfter } from './log-view.ts';
import type { Ring } from './ring.ts';
import type { Ticks } from './ticks.ts';

/** So many of a kind are told at once; the others with the next round. */
const AT_ONCE = 200;

/** What streams read from. What is absent is not there to be told. */
export interface EventSources {
  readonly boot: string;
  readonly ticks: Ticks['ring'] | undefined;
  readonly log: LogLines | undefined;
  readonly calls: Pick<Ring<Call>, 'first' | 'last' | 'at'> | undefined;
  readonly upstreams: () => readonly UpstreamSummary[];
}

export interface StreamOptions extends LineFilter {
  readonly topics: ReadonlySet<string>;
  /** Where it goes on; undefined where it begins with what comes next. */
  readonly from: EventPlace | undefined;
  /** Whether it was to go on after something that is not known any more. */
  readonly isLost: boolean;
}

/**
 * One stream of events. It keeps nothing of its own: it reads the rings from where it is, as fast as its client takes it, and says where something
 * was missed.
 */
export class ConsoleStream {
  readonly #response: ServerResponse;
  readonly #sources: EventSources;
  readonly #options: StreamOptions;
  readonly #told = new Map<string, string>();
  #place: EventPlace;

  constructor(response: ServerResponse, sources: EventSources, options: StreamOptions) {
    this.#response = response;
    this.#sources = sources;
    this.#options = options;
    const { ticks, log, calls } = sources;
    this.#place = options.from ?? { tick: ticks?.last ?? 0, log: log?.last ?? 0, call: calls?.last ?? 0 };
    response.writeHead(200, {
      ...API_HEADERS,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    // Who begins anew asks for the whole; who goes on is told all states, which harms nobody who knows them.
    if (!options.from && !options.isLost)
      for (const one of sources.upstreams()) this.#told.set(one.name, signatureOf(one));
    if (options.isLost) this.#send('gap', { boot: sources.boot });
  }

  hasTopic(topic: string): boolean {
    return this.#options.topics.has(topic);
  }

  /** Tells what is new, unless the client has not taken what was told before. */
  round(): void {
    if (this.#isClosed || this.#response.writableNeedDrain) return;
    if (this.#hasMissed()) this.#send('gap', { boot: this.#sources.boot });
    const { topics, ...filter } = this.#options;
    const { ticks, log, calls } = this.#sources;
    if (topics.has('tick') && ticks) {
      for (let at = this.#place.tick + 1; at <= ticks.last; at++) {
        this.#place = { ...this.#place, tick: at };
        this.#send('tick', ticks.at(at) as Events['tick']);
      }
    }
    if (topics.has('call') && calls) {
      const end = Math.min(calls.last, this.#place.call + AT_ONCE);
      for (let at = this.#place.call + 1; at <= end; at++) {
        this.#place = { ...this.#place, call: at };
        this.#send('call', calls.at(at) as Call);
      }
    }
    if (topics.has('log') && log) this.#tellLog(log, filter);
  }

  /** Tells of each server and plugin that is not as it was told. */
  states(upstreams: readonly UpstreamSummary[]): void {
    if (this.#isClosed || !this.#options.topics.has('upstream') || this.#response.writableNeedDrain) return;
    for (const upstream of upstreams) {
      const signature = signatureOf(upstream);
      if (this.#told.get(upstream.name) === signature) continue;
      this.#told.set(upstream.name, signature);
      this.#send('upstream', upstream);
    }
  }

  /** Says that it lives. */
  sign(): void {
    if (!this.#isClosed && !this.#response.writableNeedDrain) this.#response.write(': keepalive\n\n');
  }

  end(reason: string): void {
    if (this.#isClosed) return;
    this.#send('end', { reason });
    this.#response.end();
  }

  get #isClosed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  #tellLog(log: LogLines, filter: LineFilter): void {
    let told = 0;
    for (const line of linesAfter(log, this.#place.log, filter)) {
      this.#place = { ...this.#place, log: line.id };
      this.#send('log', line);
      if (++told >= AT_ONCE) return;
    }
    this.#place = { ...this.#place, log: log.last };
  }

  /** Moves on to what is still there; true where something of what is wanted was not. */
  #hasMissed(): boolean {
    const { topics } = this.#options;
    const { ticks, log, calls } = this.#sources;
    const before = this.#place;
    const atLeast = (place: number, ring: { readonly first: number; readonly last: number } | undefined): number =>
      ring ? Math.min(Math.max(place, ring.first - 1), ring.last) : place;
    this.#place = {
      tick: atLeast(before.tick, ticks),
      log: atLeast(before.log, log),
      call: atLeast(before.call, calls),
    };
    return (['tick', 'log', 'call'] as const).some((topic) => topics.has(topic) && this.#place[topic] > before[topic]);
  }

  #send<K extends keyof Events>(event: K, data: Events[K]): void {
    const id = formatPlace(this.#sources.boot, this.#place);
    // JSON has no line breaks of its own.
    this.#response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

function signatureOf({ state, since, restarts, tools, reason, actions }: UpstreamSummary): string {
  return JSON.stringify([state, since, restarts, tools, reason, actions]);
}
