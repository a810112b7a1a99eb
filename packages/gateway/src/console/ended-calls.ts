import type { RequestOutcome, RequestVerdict } from '../observer.ts';
import type { DecisionFacts } from './api.ts';
import type { SeenCall } from './seen-call.ts';
import type { WatchedCall } from './watched-call.ts';

const KEPT = 1_000;

/** What a client wrote is kept up to this length, in characters. */
const LONGEST = 256;
/** Words that are known as the same text; more of them make all of them anew. */
const MOST_WORDS = 4_000;

/** Places of the figures of one call. */
const NUMBER = 0;
const BEGAN = 1;
const ROUTE = 2;
const DURATION = 3;
const BYTES_IN = 4;
const BYTES_OUT = 5;
const FIGURES = 6;

interface Words {
  principal: string;
  session: string | undefined;
  method: string;
  target: string | undefined;
  server: string | undefined;
  verdict: RequestVerdict;
  reason: string | undefined;
  decision: DecisionFacts | undefined;
}

/**
 * The last calls that have ended. They are written into places that were made once: an object that is kept for each call would outlive its call, and collecting
 * those costs more than all the rest that is done here.
 */
export class EndedCalls {
  readonly #figures = new Float64Array(KEPT * FIGURES);
  readonly #words: Words[] = Array.from({ length: KEPT }, emptyWords);
  readonly #timeOf: (began: number) => number;
  /** Clients say the same again and again, each time in a text of its own. */
  readonly #known = new Map<string, string>();
  #newest = emptyWords();
  #last = 0;

  /** @param timeOf - Milliseconds since 1970, of a time on the clock that calls have. */
  constructor(timeOf: (began: number) => number) {
    this.#timeOf = timeOf;
  }

  /** The number of the newest in the order in which they ended; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest that is kept. */
  get first(): number {
    return Math.max(1, this.#last - KEPT + 1);
  }

  add(call: WatchedCall, { verdict, reason, responseBytes }: RequestOutcome, durationMs: number): Words {
    const place = this.#last++ % KEPT;
    const figures = this.#figures;
    const at = place * FIGURES;
    figures[at + NUMBER] = call.number;
    figures[at + BEGAN] = call.began;
    figures[at + ROUTE] = call.routeMs ?? Number.NaN;
    figures[at + DURATION] = durationMs;
    figures[at + BYTES_IN] = call.requestBytes ?? Number.NaN;
    figures[at + BYTES_OUT] = responseBytes ?? Number.NaN;
    const before = this.#newest;
    const words = this.#words[place] as Words;
    words.principal = this.#word(call.principal, before.principal);
    words.session = call.session && this.#word(call.session, before.session);
    words.method = this.#word(call.method, before.method);
    words.target = call.target && this.#word(call.target, before.target);
    words.server = call.server;
    words.verdict = verdict;
    words.reason = reason && this.#word(reason, before.reason);
    words.decision = undefined;
    this.#newest = words;
    return words;
  }

  /** The one of this number, where it is kept. */
  at(number: number): SeenCall | undefined {
    if (number < this.first || number > this.#last) return undefined;
    const place = (number - 1) % KEPT;
    const { verdict, reason, ...words } = this.#words[place] as Words;
    const figure = (offset: number): number | undefined => {
      const value = this.#figures[place * FIGURES + offset] as number;
      return Number.isNaN(value) ? undefined : value;
    };
    return {
      ...words,
      number: figure(NUMBER) ?? 0,
      startedAt: this.#timeOf(figure(BEGAN) ?? 0),
      routeMs: figure(ROUTE),
      durationMs: figure(DURATION),
      requestBytes: figure(BYTES_IN),
      outcome: { verdict, reason, responseBytes: figure(BYTES_OUT) },
    };
  }

  /** All that are kept, the newest first. */
  *newest(): Generator<SeenCall> {
    for (let number = this.#last; number >= this.first; number--) yield this.at(number) as SeenCall;
  }

  /** @param before - What the call before had there: most often it is the same. */
  #word(text: string, before: string | undefined): string {
    if (text === before) return before;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_WORDS) this.#known.clear();
    // A copy: a part of a text keeps the whole of it alive.
    const kept = text.length <= LONGEST ? text : Buffer.from(`${text.slice(0, LONGEST)}…`).toString();
    if (kept === text) this.#known.set(text, text);
    return kept;
  }
}

function emptyWords(): Words {
  return {
    principal: '',
    session: undefined,
    method: '',
    target: undefined,
    server: undefined,
    verdict: 'ok',
    reason: undefined,
    decision: undefined,
  };
}
