import { randomBytes } from 'node:crypto';
import { ceilingReached } from '../ceilings.ts';
import { BadRequestError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';
import { type Replicas, replicaIn } from '../replicas/replicas.ts';
import { parkedCallRecords } from '../state/parked-call-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';

/** How long a client may take to answer questions before its call is given up. */
const ANSWER_MS = 10 * 60_000;

/** Calls that may wait for their clients at once. */
const MAX_PARKED = 1_000;

const PREFIX = 'lockgate.';

/** What the client holds to go on with a call; everything else is refused as a state of the server behind. */
export function isParkedState(state: string): boolean {
  return state.startsWith(PREFIX);
}

/** The gateway where a call waits; undefined where it is not said. */
export function parkedAt(state: string): string | undefined {
  return replicaIn(state, 'lockgate\\.');
}

export interface ParkedCallsOptions {
  readonly store: StateStore;
  readonly replicas: Pick<Replicas, 'name' | 'join'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Calls that wait for their client. A legacy server asks in the middle of a call and waits for the answer; a modern client is
 * answered with the questions and comes back with a second request. In between the call waits in this process; who may
 * go on with it is a record, and the client holds its key.
 */
export class ParkedCalls {
  readonly #calls = new Map<string, ParkedCall>();
  readonly #records: Records<ReturnType<typeof parkedCallRecords.parse>>;
  readonly #options: ParkedCallsOptions;

  constructor(options: ParkedCallsOptions) {
    this.#options = options;
    this.#records = new Records(options.store, parkedCallRecords);
  }

  /**
   * Starts a call and answers with its result, or with its questions if it asks some.
   *
   * @param fingerprint - What a request must have in common with this one to go on with it.
   */
  start(
    exchange: Exchange,
    fingerprint: string,
    work: (exchange: Exchange) => Promise<ObjectText>,
  ): Promise<ObjectText> {
    return this.#next(new ParkedCall(exchange, work), exchange, fingerprint);
  }

  /**
   * Goes on with a call whose questions the client has answered.
   *
   * @param fingerprint - None for a request that can go on with no call.
   * @throws GATEWAY_BAD_REQUEST with one sentence for all cases: a state that is guessed must not be told from one that is
   * used up. GATEWAY_STATE where the store fails.
   */
  async resume(exchange: Exchange, fingerprint: string | undefined): Promise<ObjectText> {
    const state = exchange.requestState ?? '';
    const record = await this.#records.get([state]);
    const isTheirs = record?.owner === exchange.peer.caller.name && record.fingerprint === fingerprint;
    // Of several requests with one state, one goes on.
    const taken = isTheirs ? await this.#records.take([state]) : undefined;
    const call = taken && this.#calls.get(state);
    if (!call || fingerprint === undefined) throw new BadRequestError('Invalid or expired requestState');
    this.#calls.delete(state);
    call.unpark();
    call.answer(exchange.inputResponses ?? ObjectText.EMPTY);
    return this.#next(call, exchange, fingerprint);
  }

  closeAll(): void {
    for (const call of this.#calls.values()) call.giveUp();
    this.#calls.clear();
  }

  async #next(call: ParkedCall, exchange: Exchange, fingerprint: string): Promise<ObjectText> {
    const outcome = await call.next(exchange);
    if (outcome.kind === 'done') return outcome.result;
    if (this.#calls.size >= MAX_PARKED) {
      ceilingReached('parked-calls');
      call.giveUp();
      throw new BadRequestError(`${MAX_PARKED} calls wait for their clients already.`);
    }
    const { replicas, now } = this.#options;
    const { name } = replicas;
    const state = `${PREFIX}${name === undefined ? '' : `${name}.`}${randomBytes(24).toString('base64url')}`;
    const holder = name === undefined ? {} : { holder: name };
    const record = { owner: exchange.peer.caller.name, fingerprint, ...holder, expiresAt: now() + ANSWER_MS };
    try {
      await replicas.join();
      await this.#records.put([state], record, ANSWER_MS);
    } catch (error) {
      call.giveUp();
      throw error;
    }
    this.#calls.set(state, call);
    call.park(ANSWER_MS, () => this.#calls.delete(state));
    return ObjectText.EMPTY.withValue('resultType', 'input_required')
      .with('inputRequests', outcome.questions)
      .withValue('requestState', state);
  }
}

type Outcome = { kind: 'done'; result: ObjectText } | { kind: 'asks'; questions: ObjectText };

class ParkedCall {
  readonly #ending = new Cancellation();
  readonly #running: Promise<Outcome>;
  readonly #open = new Map<string, { message: Message; resolve(answer: ObjectText): void }>();
  #leg: Exchange;
  #asked = Promise.withResolvers<void>();
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, work: (exchange: Exchange) => Promise<ObjectText>) {
    this.#leg = exchange;
    this.#running = work({
      ...exchange,
      cancellation: this.#ending,
      notify: (message) => this.#tell(message),
      ask: (message, cancellation) => this.#ask(message, cancellation),
    }).then((result) => ({ kind: 'done', result }));
    this.#running.catch(() => {}); // heard by whoever waits in `next`; nobody may while the call is parked
  }

  /** Waits for the result or for questions; the client that waits now is the one that may cancel. */
  async next(exchange: Exchange): Promise<Outcome> {
    this.#leg = exchange;
    const forget = exchange.cancellation.onCancel((reason) => this.#ending.cancel(reason));
    try {
      if (this.#open.size === 0) this.#asked = Promise.withResolvers();
      const asked = this.#asked.promise.then((): Outcome => ({ kind: 'asks', questions: this.#openQuestions() }));
      return await Promise.race([this.#running, asked]);
    } finally {
      forget();
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
    this.#ending.cancel(new BadRequestError('The client did not answer in time.'));
  }

  /** Questions without an answer stay open and are asked again. */
  answer(responses: ObjectText): void {
    for (const [key, question] of this.#open) {
      const response = responses.object(key);
      if (response === undefined) continue;
      this.#open.delete(key);
      question.resolve(response);
    }
  }

  /** Progress is reported under the token of the leg that waits now. */
  #tell(message: Message): void {
    const { progressToken } = this.#leg;
    if (message.method !== 'notifications/progress') this.#leg.notify(message);
    else if (progressToken && message.params) {
      this.#leg.notify({ ...message, params: message.params.with('progressToken', progressToken) });
    }
  }

  #ask(message: Message, cancellation: Cancellation): Promise<ObjectText> {
    const refusal = whyNotAsked(message.method, message.params?.text('mode'), this.#leg.peer.capabilities);
    if (refusal) return Promise.reject(refusal);
    const key = `q${++this.#questions}`;
    const { promise, resolve, reject } = Promise.withResolvers<ObjectText>();
    this.#open.set(key, { message, resolve });
    const forget = cancellation.onCancel((reason) => {
      this.#open.delete(key);
      reject(reason);
    });
    this.#asked.resolve();
    return promise.finally(forget);
  }

  #openQuestions(): ObjectText {
    let questions: ObjectText = ObjectText.EMPTY;
    for (const [key, { message }] of this.#open) {
      const question = ObjectText.EMPTY.withValue('method', message.method);
      questions = questions.with(key, message.params ? question.with('params', message.params) : question);
    }
    return questions;
  }
}
