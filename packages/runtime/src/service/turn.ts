/** Told when a guest of the thread computes, and when none does. */
export interface TurnWatch {
  begins(): void;
  /** It has been suspended, or has ended. @returns why it may not go on, if it may not */
  ends(): string | undefined;
}

/** What a guest traps of whose request nobody wants any more. */
export const ENDED = 'the request was ended';

/** The stretches in which one guest computes. In between it sleeps, and others of the same thread have their turn. */
export class Turn {
  readonly #watch: TurnWatch;
  #wake: (() => void) | undefined;
  #isWoken = false;
  #isEnded = false;
  #refusal: string | undefined;

  constructor(watch: TurnWatch) {
    this.#watch = watch;
  }

  /** Why its guest did not go on after a pause; undefined where it did. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Lets a guest compute until it has done. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#watch.begins();
    try {
      // What it answers when it is suspended first is a promise; then it has slept.
      return await work();
    } finally {
      this.#watch.ends();
    }
  }

  /** Suspends the guest for so long, or until it is woken. Rejects once it shall go on no more. */
  async sleep(ms: number): Promise<void> {
    if (this.#isEnded) throw new WebAssembly.RuntimeError(ENDED);
    this.#refusal = this.#watch.ends();
    if (!this.#isWoken && this.#refusal === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    this.#wake = undefined;
    this.#isWoken = false;
    this.#watch.begins();
    if (this.#isEnded || this.#refusal !== undefined) throw new WebAssembly.RuntimeError(this.#refusal ?? ENDED);
  }

  /** Something that it may wait for has come. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** It goes on no more: it ends where it sleeps, or when it wants to. */
  end(): void {
    this.#isEnded = true;
    this.wake();
  }
}
