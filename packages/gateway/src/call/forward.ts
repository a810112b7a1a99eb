import type { ServerEntry } from '../config/servers-section.ts';
import { DeadlineError } from '../errors.ts';
import type { JsonObject, Message } from '../upstream/message.ts';
import type { Exchange } from '../upstream/peer.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { Breaker } from './breaker.ts';
import { type Deadline, withDeadline } from './deadline.ts';
import { isFault, isRetryable } from './faults.ts';
import { answerQuestions } from './input-required.ts';
import { RetryBudget } from './retry-budget.ts';

/** The limits of one server. */
export type ForwardLimits = Pick<ServerEntry, 'callTimeoutMs' | 'breaker' | 'maxRetries'>;

/** The pause before a retry, doubled each time. */
const RETRY_MS = 400;

/** The way of a request to one server: breaker, retries, deadline, and questions that come back instead of an answer. */
export class Forwarder {
  readonly upstream: Upstream;
  readonly #limits: ForwardLimits;
  readonly #breaker: Breaker;
  readonly #budget = new RetryBudget();

  constructor(upstream: Upstream, limits: ForwardLimits, now: () => number) {
    this.upstream = upstream;
    this.#limits = limits;
    this.#breaker = new Breaker({ server: upstream.name, ...limits.breaker, now, isFault });
  }

  get breakerState(): 'closed' | 'open' | 'half-open' {
    return this.#breaker.state;
  }

  /** @param repeatable - Whether carrying it out twice does no harm. */
  async forward(message: Message, exchange: Exchange, repeatable: boolean): Promise<JsonObject> {
    this.#budget.earn();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#breaker.run(() => this.#once(message, exchange), exchange.signal);
      } catch (error) {
        const again =
          repeatable && attempt <= this.#limits.maxRetries && isRetryable(error) && !exchange.signal.aborted;
        if (!again || !this.#budget.spend()) throw error;
        await pause(RETRY_MS * 2 ** (attempt - 1), exchange.signal);
      }
    }
  }

  #once(message: Message, exchange: Exchange): Promise<JsonObject> {
    return answerQuestions(exchange, (leg) => {
      const { callTimeoutMs: timeoutMs } = this.#limits;
      const late = (): Error => new DeadlineError({ server: this.upstream.name, method: message.method, timeoutMs });
      return withDeadline(timeoutMs, exchange.signal, late, (deadline) =>
        this.upstream.request(message, underDeadline(leg, deadline), deadline.signal),
      );
    });
  }
}

/** Signs of life of the server start the deadline anew; while its question is with the client, the clock stands. */
function underDeadline(exchange: Exchange, deadline: Deadline): Exchange {
  return {
    ...exchange,
    notify: (message) => {
      deadline.prolong();
      return exchange.notify(message);
    },
    ask: async (message, signal) => {
      const release = deadline.hold();
      try {
        return await exchange.ask(message, signal);
      } finally {
        release();
      }
    },
  };
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
}
