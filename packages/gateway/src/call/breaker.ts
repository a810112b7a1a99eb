import { BreakerOpenError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';

export interface BreakerOptions {
  readonly server: string;
  /** Failures in a row after which it opens. */
  readonly failures: number;
  /** How long it stays open before one probe is let through. */
  readonly coolDownMs: number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** Says which errors mean that the server is in trouble; all others count as an answer. */
  readonly isFault: (error: unknown) => boolean;
  /** Says which of them are the end of the connection: all calls that were on their way then tell of one failure. */
  readonly isLoss: (error: unknown) => boolean;
}

/**
 * Refuses calls to a server that has failed several times in a row. After a while exactly one call is let through as a
 * probe; its end, whatever it is, decides.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** So many ends of the connection have counted. */
  #losses = 0;
  #openedAt: number | undefined;
  #probing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openedAt === undefined) return 'closed';
    return this.#probing || this.#remainingMs(this.#openedAt) <= 0 ? 'half-open' : 'open';
  }

  /**
   * A call that its client gave up says nothing about the server.
   *
   * @throws GATEWAY_BREAKER_OPEN without running `work`.
   */
  run<T>(work: () => Promise<T>, cancellation: Cancellation): Promise<T> {
    let probe: boolean;
    try {
      probe = this.#enter();
    } catch (error) {
      return Promise.reject(error);
    }
    const losses = this.#losses;
    return work().then(
      (result) => {
        this.#close();
        if (probe) this.#probing = false;
        return result;
      },
      (error: unknown) => {
        if (!cancellation.cancelled) {
          if (!this.#options.isFault(error)) this.#close();
          else if (!this.#options.isLoss(error)) this.#fail(probe);
          else if (probe || losses === this.#losses) {
            this.#losses++;
            this.#fail(probe);
          }
        }
        if (probe) this.#probing = false;
        throw error;
      },
    );
  }

  /** What has failed is no longer there. */
  reset(): void {
    this.#close();
  }

  #enter(): boolean {
    if (this.#openedAt === undefined) return false;
    const { server, failures } = this.#options;
    const retryInMs = Math.max(0, Math.ceil(this.#remainingMs(this.#openedAt)));
    if (retryInMs > 0 || this.#probing) throw new BreakerOpenError({ server, failures, retryInMs });
    this.#probing = true;
    return true;
  }

  #fail(probe: boolean): void {
    this.#failures++;
    if (probe || this.#failures >= this.#options.failures) this.#openedAt = this.#options.now();
  }

  #close(): void {
    this.#failures = 0;
    this.#openedAt = undefined;
  }

  #remainingMs(openedAt: number): number {
    return openedAt + this.#options.coolDownMs - this.#options.now();
  }
}
