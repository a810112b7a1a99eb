import type { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Counter, Place, UsedUp } from './counter.ts';

/** Nearer to the end of its period nothing is given back: it might count for the next. */
const MARGIN_MS = 50;

export interface RateCounterOptions {
  readonly calls: number;
  readonly periodMs: number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** Counts in periods that begin with their first call, in the memory of this process. */
export class RateCounter implements Counter {
  readonly #options: RateCounterOptions;
  #limiter: RateLimiterMemory | Promise<RateLimiterMemory> | undefined;

  constructor(options: RateCounterOptions) {
    this.#options = options;
  }

  async take(key: string): Promise<Place | UsedUp> {
    this.#limiter ??= this.#load();
    const limiter = this.#limiter instanceof Promise ? await this.#limiter : this.#limiter;
    const { now, periodMs } = this.#options;
    try {
      const { msBeforeNext } = await limiter.consume(key);
      // A wall clock that went back tells of more time than there is; the period ends by a timer.
      const end = now() + Math.min(msBeforeNext, periodMs);
      return { giveBack: async () => (now() < end - MARGIN_MS ? reward(limiter, key) : undefined) };
    } catch (refused) {
      if (refused instanceof Error) throw refused;
      await reward(limiter, key);
      const { msBeforeNext } = refused as { readonly msBeforeNext: number };
      return { retryAfterMs: Math.max(0, Math.min(msBeforeNext, periodMs)) };
    }
  }

  /** Loaded at the first call: most gateways count nothing. */
  async #load(): Promise<RateLimiterMemory> {
    const { default: library } = await import('rate-limiter-flexible');
    const { calls, periodMs } = this.#options;
    this.#limiter = new library.RateLimiterMemory({ points: calls, duration: periodMs / 1_000 });
    return this.#limiter;
  }
}

async function reward(limiter: RateLimiterMemory, key: string): Promise<void> {
  const { consumedPoints } = await limiter.reward(key);
  // The period had just passed: nobody gets more than there is in the next.
  if (consumedPoints < 0) await limiter.delete(key);
}
