import { randomBytes } from 'node:crypto';
import { BadRequestError } from '../errors.ts';
import type { JsonObject, Message } from '../upstream/message.ts';
import type { Exchange } from '../upstream/peer.ts';

/** How long a client may take to answer questions before its call is given up. */
const ANSWER_MS = 10 * 60_000;

/** Calls that may wait for their clients at once. */
const MAX_PARKED = 1_000;

const PREFIX = 'lockgate.';

/** What the client holds to go on with a call; everything else is refused as a state of the server behind. */
export function isParkedState(state: string | undefined): state is string {
  return state?.startsWith(PREFIX) === true;
}

/**
 * Calls that wait for their client. A server of the 2025 era asks in the middle of a call and waits for the answer; a
 * client of the 2026 era is answered with the questions and comes back with a second request. In between the call stands
 * still here, and the client holds its key.
 */
export class ParkedCalls {
  readonly #calls = new Map<string, ParkedCall>();

  /**
   * Starts a call and answers with its result, or with its questions if it asks some.
   *
   * @param fingerprint - What a request must have in common with this one to go on with it.
   */
  start(
    exchange: Exchange,
    fingerprint: string,
    work: (exchange: Exchange) => Promise<JsonObject>,
  ): Promise<JsonObject> {
    const call = new ParkedCall(exchange, fingerprint, work);
    return this.#next(call, exchange);
  }

  /** Goes on with a call whose questions the client has answered. */
  async resume(exchange: Exchange, fingerprint: string): Promise<JsonObject> {
    const state = exchange.requestState ?? '';
    const call = this.#calls.get(state);
    // One sentence for all cases: a state that is guessed must not be told from one that is used up.
    if (!call || call.owner !== exchange.peer.caller.name || call.fingerprint !== fingerprint) {
      throw new BadRequestError('Invalid or expired requestState');
    }
    this.#calls.delete(state);
    call.unpark();
    call.answer(exchange.inputResponses ?? {});
    return this.#next(call, exchange);
  }

  closeAll(): void {
    for (const call of this.#calls.values()) call.giveUp();
    this.#calls.clear();
  }

  async #next(call: ParkedCall, exchange: Exchange): Promise<JsonObject> {
    const outcome = await call.next(exchange);
    if (outcome.kind === 'done') return outcome.result;
    if (this.#calls.size >= MAX_PARKED) {
      call.giveUp();
      throw new BadRequestError(`${MAX_PARKED} calls wait for their clients already.`);
    }
    const state = PREFIX + randomBytes(24).toString('base64url');
    this.#calls.set(state, call);
    call.park(ANSWER_MS, () => this.#calls.delete(state));
    return { resultType: 'input_required', inputRequests: outcome.questions, requestState: state };
  }
}

type Outcome = { kind: 'done'; result: JsonObject } | { kind: 'asks'; questions: JsonObject };

class ParkedCall {
  readonly owner: string;
  readonly fingerprint: string;
  readonly #ending = new AbortController();
  readonly #running: Promise<Outcome>;
  readonly #open = new Map<string, { message: Message; resolve(answer: JsonObject): void }>();
  #leg: Exchange;
  #asked = Promise.withResolvers<void>();
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, fingerprint: string, work: (exchange: Exchange) => Promise<JsonObject>) {
    this.owner = exchange.peer.caller.name;
    this.fingerprint = fingerprint;
    this.#leg = exchange;
    this.#running = work({
      ...exchange,
      signal: this.#ending.signal,
      notify: (message) => this.#leg.notify(message),
      ask: (message, signal) => this.#ask(message, signal),
    }).then((result) => ({ kind: 'done', result }));
    this.#running.catch(() => {}); // heard by whoever waits in `next`; nobody may while the call is parked
  }

  /** Waits for the result or for questions; the client that waits now is the one that may cancel. */
  async next(exchange: Exchange): Promise<Outcome> {
    this.#leg = exchange;
    const cancel = (): void => this.#ending.abort(exchange.signal.reason);
    exchange.signal.addEventListener('abort', cancel, { once: true });
    try {
      if (this.#open.size === 0) this.#asked = Promise.withResolvers();
      const asked = this.#asked.promise.then((): Outcome => ({ kind: 'asks', questions: this.#openQuestions() }));
      return await Promise.race([this.#running, asked]);
    } finally {
      exchange.signal.removeEventListener('abort', cancel);
    }
  }

  park(timeoutMs: number, expired: () => void): void {
    this.#timer = setTimeout(() => {
      expired();
      this.giveUp();
    }, timeoutMs);
    this.#timer.unref();
  }

  unpark(): void {
    clearTimeout(this.#timer);
  }

  giveUp(): void {
    this.unpark();
    this.#ending.abort(new BadRequestError('The client did not answer in time.'));
  }

  /** Questions without an answer stay open and are asked again. */
  answer(responses: JsonObject): void {
    for (const [key, question] of this.#open) {
      const response = responses[key];
      if (response === undefined) continue;
      this.#open.delete(key);
      question.resolve(response as JsonObject);
    }
  }

  #ask(message: Message, signal: AbortSignal): Promise<JsonObject> {
    const key = `q${++this.#questions}`;
    const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
    this.#open.set(key, { message, resolve });
    const onAbort = (): void => {
      this.#open.delete(key);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#asked.resolve();
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  #openQuestions(): JsonObject {
    const questions = [...this.#open].map(
      ([
        key,
        {
          message: { method, params },
        },
      ]) => [key, { method, ...(params && { params }) }],
    );
    return Object.fromEntries(questions);
  }
}
