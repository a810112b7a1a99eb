import type { UpstreamState } from './upstream.ts';

/** What is kept running. */
export interface Supervised {
  /** Resolves when it has ended. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface SupervisorOptions<T> {
  readonly open: (signal: AbortSignal) => Promise<T>;
  /** Called after each change of state, with what runs now. */
  readonly onState: (state: UpstreamState, reason: string | undefined) => void;
  readonly now: () => number;
  /** 0 to 1; spreads restarts. */
  readonly random: () => number;
  /** @default setTimeout, with a timer that keeps no process alive */
  readonly schedule?: (work: () => void, delayMs: number) => () => void;
}

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/** Something that ran this long before it ended starts again at the shortest delay. */
const STABLE_MS = 60_000;

/** Keeps one thing running: opens it, and opens it again, later and later, when it could not be opened or has ended. */
export class Supervisor<T extends Supervised> {
  /** Resolves when the first attempt has succeeded or failed. */
  readonly settled: Promise<void>;
  readonly #options: SupervisorOptions<T>;
  readonly #settle: () => void;
  readonly #closing = new AbortController();
  #state: UpstreamState = 'starting';
  #current: T | undefined;
  #failures = 0;
  #restarts = 0;
  #cancelTimer: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: SupervisorOptions<T>) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
  }

  get state(): UpstreamState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** What runs, or undefined while nothing does. */
  get current(): T | undefined {
    return this.#current;
  }

  start(): void {
    void this.#attempt();
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #attempt(): Promise<void> {
    const closing = this.#closing.signal;
    if (closing.aborted) return;
    try {
      const opened = await this.#options.open(closing);
      if (closing.aborted) return await opened.close();
      this.#current = opened;
      this.#enter('running');
      this.#settle();
      const since = this.#options.now();
      await opened.closed;
      this.#current = undefined;
      if (closing.aborted) return;
      if (this.#options.now() - since >= STABLE_MS) this.#failures = 0;
      this.#again('the connection ended');
    } catch (error) {
      if (closing.aborted) return;
      this.#again((error as Error).message);
      this.#settle();
    }
  }

  #again(reason: string): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, MAX_DELAY_MS);
    this.#failures++;
    this.#restarts++;
    this.#enter('restarting', reason);
    const schedule = this.#options.schedule ?? onTimer;
    this.#cancelTimer = schedule(() => void this.#attempt(), delay * (0.75 + this.#options.random() / 2));
  }

  #enter(state: UpstreamState, reason?: string): void {
    this.#state = state;
    this.#options.onState(state, reason);
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer?.();
    this.#enter('closed');
    this.#settle();
    await this.#current?.close();
  }
}

function onTimer(work: () => void, delayMs: number): () => void {
  const timer = setTimeout(work, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
