import { LoginNeededError, NotLoadedError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { UpstreamState } from './upstream.ts';

/** What is kept running. */
export interface Supervised {
  /** Resolves when it has ended, to the reason. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
}

export interface SupervisorOptions<T> {
  readonly open: () => Promise<T>;
  /** Whether an end for this reason is in order, so that it opens again at once. @default never */
  readonly isInOrder?: (reason: string) => boolean;
  /** Called after each change of state, with what runs now. */
  readonly onState: (state: UpstreamState, reason: string | undefined) => void;
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** 0 to 1; spreads restarts. */
  readonly random: () => number;
  /** @default setTimeout, with a timer that keeps no process alive */
  readonly schedule?: (work: () => void, delayMs: number) => () => void;
}

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/** How often it is looked whether what could not be loaded is another by now. */
const LOOK_MS = 1_000;

/** Something that ran this long before it ended starts again at the shortest delay. */
const STABLE_MS = 60_000;

/** Keeps one thing running: opens it, and opens it again, later and later, when it could not be opened or has ended. */
export class Supervisor<T extends Supervised> {
  /** Resolves when the first attempt has succeeded or failed. */
  readonly settled: Promise<void>;
  readonly #options: SupervisorOptions<T>;
  readonly #settle: () => void;
  readonly #waiting = new Set<(current: T | undefined) => void>();
  #isClosing = false;
  #state: UpstreamState = 'starting';
  #reason: string | undefined;
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

  /** What runs now, or once the next attempt has been made; undefined where that fails, or nobody waits any longer. */
  async next(cancellation: Cancellation): Promise<T | undefined> {
    if (this.#current || this.#isClosing) return this.#current;
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    this.#waiting.add(resolve);
    const forget = cancellation.onCancel(() => resolve(undefined));
    return promise.finally(() => {
      this.#waiting.delete(resolve);
      forget();
    });
  }

  /** Makes the next attempt now, where it would be made later. */
  wake(): void {
    const wait = this.#cancelTimer;
    if (!wait) return;
    wait();
    this.#cancelTimer = undefined;
    this.#failures = 0;
    void this.#attempt();
  }

  /**
   * Opens another beside what runs, which goes on until the other is up and is retired then. Where nothing runs, the next attempt is made now.
   * Resolves to whether something runs that was opened since the call.
   *
   * @throws why the other could not be opened; what runs goes on.
   */
  async replace(retire: (old: T) => void): Promise<boolean> {
    if (this.#isClosing) return false;
    if (!this.#current) {
      const isTried = this.#cancelTimer === undefined;
      this.wake();
      const opened = await this.next(new Cancellation());
      // An attempt that was being made has perhaps begun with what was there before.
      return isTried ? this.replace(retire) : opened !== undefined;
    }
    const opened = await this.#options.open();
    if (this.#isClosing) {
      await opened.close();
      return false;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#failures = 0;
    const old = this.#current;
    this.#take(opened);
    if (old) retire(old);
    return true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #attempt(): Promise<void> {
    if (this.#isClosing) return;
    try {
      const opened = await this.#options.open();
      // Another may have been put in place meanwhile.
      if (this.#isClosing || this.#current) return await opened.close();
      this.#take(opened);
      this.#settle();
    } catch (error) {
      if (this.#isClosing || this.#current) return;
      if (error instanceof LoginNeededError) this.#awaitLogin(error.message);
      else if (error instanceof NotLoadedError) this.#awaitMending(error.message);
      else this.#again((error as Error).message, false);
      this.#settle();
    }
  }

  #take(opened: T): void {
    this.#current = opened;
    this.#enter('running');
    const since = this.#options.now();
    void opened.closed.then((reason) => {
      if (this.#current !== opened) return;
      this.#current = undefined;
      if (this.#isClosing) return;
      const isInOrder = this.#options.isInOrder?.(reason) === true;
      if (isInOrder || this.#options.now() - since >= STABLE_MS) this.#failures = 0;
      this.#again(reason, isInOrder);
    });
  }

  #again(reason: string, atOnce: boolean): void {
    const delay = atOnce ? 0 : Math.min(FIRST_DELAY_MS * 2 ** this.#failures, MAX_DELAY_MS);
    this.#failures++;
    this.#restarts++;
    this.#enter('restarting', reason);
    this.#schedule(delay * (0.75 + this.#options.random() / 2));
  }

  /** Nothing has failed: whoever logs in wakes it. Another process may know of a login first, so it looks now and then. */
  #awaitLogin(reason: string): void {
    this.#failures = 0;
    this.#enter('needs login', reason);
    this.#schedule(MAX_DELAY_MS);
  }

  /** No attempt can succeed; whether there is something else to open by now is seen with the next one, at little cost. */
  #awaitMending(reason: string): void {
    this.#failures = 0;
    this.#enter('not loaded', reason);
    this.#schedule(LOOK_MS);
  }

  #schedule(delayMs: number): void {
    const schedule = this.#options.schedule ?? onTimer;
    this.#cancelTimer = schedule(() => {
      this.#cancelTimer = undefined;
      void this.#attempt();
    }, delayMs);
  }

  #enter(state: UpstreamState, reason?: string): void {
    const isNews = state !== 'not loaded' || this.#state !== state || this.#reason !== reason;
    this.#state = state;
    this.#reason = reason;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (isNews) this.#options.onState(state, reason);
    for (const resolve of waiting) resolve(this.#current);
  }

  async #shutDown(): Promise<void> {
    this.#isClosing = true;
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
