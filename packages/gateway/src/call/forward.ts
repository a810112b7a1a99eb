import { LockgateError } from '@lockgate/abi/without-guests';
import type { ServerEntry } from '../config/servers-section.ts';
import { DeadlineError, UpstreamLostError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { withinTime } from '../upstream/within-time.ts';
import { Breaker } from './breaker.ts';
import { Deadline } from './deadline.ts';
import { isFault, isLoss, isRetryable } from './faults.ts';
import { answerQuestions } from './input-required.ts';
import { RetryBudget } from './retry-budget.ts';

/** The limits of one server. */
export type ForwardLimits = Pick<ServerEntry, 'callTimeoutMs' | 'breaker' | 'maxRetries'>;

/** With these the server has not been given a request, or has refused it for want of a login. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'GATEWAY_BREAKER_OPEN',
  'GATEWAY_CONNECTION_LIMIT',
  'GATEWAY_UPSTREAM_UNAVAILABLE',
  'GATEWAY_LOGIN_NEEDED',
  'GATEWAY_LOGIN_REQUIRED',
  'GATEWAY_LOGIN_UNAVAILABLE',
]);

function mayHaveBegun(error: unknown): boolean {
  return !LockgateError.isInstance(error) || !NOT_SENT.has(error.code);
}

/** The pause before a retry, doubled each time. */
const RETRY_MS = 400;

/** How long a retry waits for a server that was lost under the request to be up again: a slow start is no reason to fail. */
const BACK_MS = 10_000;

/** The way of a request to one server: breaker, retries, deadline, and questions that come back instead of an answer. */
export class Forwarder {
  readonly upstream: Upstream;
  readonly #limits: ForwardLimits;
  readonly #breaker: Breaker;
  readonly #budget = new RetryBudget();

  /** @param now - Milliseconds that only go up. */
  constructor(upstream: Upstream, limits: ForwardLimits, now: () => number) {
    this.upstream = upstream;
    this.#limits = limits;
    this.#breaker = new Breaker({ server: upstream.name, ...limits.breaker, now, isFault, isLoss });
  }

  get breakerState(): 'closed' | 'open' | 'half-open' {
    return this.#breaker.state;
  }

  /** A new version of the server answers from now on: what the old one did says nothing of it. */
  renewed(): void {
    this.#breaker.reset();
  }

  /**
   * @param repeatable - Whether carrying it out twice does no harm.
   * @param sent - Told once the server has, or may have, been given it. @default nobody is told
   */
  forward(message: Message, exchange: Exchange, repeatable: boolean, sent?: () => void): Promise<ObjectText> {
    this.#budget.earn();
    const attempt = this.#attempt(message, exchange, sent);
    return repeatable ? attempt.catch((error: unknown) => this.#retry(error, message, exchange, sent)) : attempt;
  }

  #attempt(message: Message, exchange: Exchange, sent: (() => void) | undefined): Promise<ObjectText> {
    return this.#breaker.run(() => this.#send(message, exchange, sent, true), exchange.cancellation);
  }

  async #retry(
    failure: unknown,
    message: Message,
    exchange: Exchange,
    sent: (() => void) | undefined,
  ): Promise<ObjectText> {
    const { cancellation } = exchange;
    let error = failure;
    let lost: unknown;
    for (let retry = 0; retry < this.#limits.maxRetries; retry++) {
      if (!isRetryable(error) || cancellation.cancelled || !this.#budget.spend()) break;
      await pause(RETRY_MS * 2 ** retry, cancellation);
      if (error instanceof UpstreamLostError) {
        lost = error;
        await this.#isBack(cancellation);
      }
      try {
        return await this.#attempt(message, exchange, sent);
      } catch (again) {
        error = again;
      }
    }
    // What may have been carried out the first time is not told as never begun.
    throw lost !== undefined && !mayHaveBegun(error) ? lost : error;
  }

  /** Resolves when the server is up again, has failed to start, or takes too long. */
  async #isBack(cancellation: Cancellation): Promise<void> {
    const late = (): Error => new Error('late');
    const tried = async (inner: Cancellation): Promise<void> => this.upstream.tried?.(inner);
    await withinTime(BACK_MS, late, tried, cancellation).catch(() => cancellation.throwIfCancelled());
  }

  /** @param isFirst - Whether questions of the server are answered, and the request is sent again with the answers. */
  #send(message: Message, leg: Exchange, sent: (() => void) | undefined, isFirst: boolean): Promise<ObjectText> {
    const { callTimeoutMs: timeoutMs } = this.#limits;
    const late = (): Error => new DeadlineError({ server: this.upstream.name, method: message.method, timeoutMs });
    const deadline = new Deadline(timeoutMs, leg.cancellation, late);
    // Not an async function: each costs a promise and the memory of all its variables, for every call.
    return this.upstream.request(message, underDeadline(leg, deadline), deadline).then(
      (result) => {
        deadline.end();
        sent?.();
        if (!isFirst) return result;
        return answerQuestions(leg, result, (next) => this.#send(message, next, sent, false));
      },
      (error: unknown) => {
        deadline.end();
        if (mayHaveBegun(error)) sent?.();
        throw error;
      },
    );
  }
}

/** All that an exchange has: copied by name, which costs a tenth of copying whatever is there. */
type Whole = { readonly [K in keyof Required<Exchange>]: Exchange[K] };

/** Progress notifications reset the deadline; while the client answers a question of the server that it takes, the deadline is paused. */
function underDeadline(exchange: Exchange, deadline: Deadline): Exchange {
  const whole: Whole = {
    peer: exchange.peer,
    id: exchange.id,
    message: exchange.message,
    byteLength: exchange.byteLength,
    cancellation: exchange.cancellation,
    progressToken: exchange.progressToken,
    inputResponses: exchange.inputResponses,
    requestState: exchange.requestState,
    saysNothingOfItself: exchange.saysNothingOfItself,
    isResent: exchange.isResent,
    script: exchange.script,
    hold: () => deadline.hold(),
    notify: (message, origin) => {
      deadline.prolong();
      exchange.notify(message, origin);
    },
    ask: async (message, cancellation, origin) => {
      const refusal = whyNotAsked(message.method, message.params?.text('mode'), exchange.peer.capabilities);
      if (refusal) return exchange.ask(message, cancellation, origin);
      const release = deadline.hold();
      try {
        return await exchange.ask(message, cancellation, origin);
      } finally {
        release();
      }
    },
  };
  return whole;
}

function pause(delayMs: number, cancellation: Cancellation): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const forget = cancellation.onCancel(reject);
  return promise.finally(() => {
    clearTimeout(timer);
    forget();
  });
}
