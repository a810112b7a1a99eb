/** A change that waits for its turn, with everybody who asked for one of its kind meanwhile. */
interface WaitingChange {
  readonly kind: string | undefined;
  work: () => Promise<unknown>;
  readonly outcome: PromiseWithResolvers<unknown>;
}

/**
 * Makes the changes of one module one at a time. An idle queue starts a change at once, in the same step; changes of one
 * `kind` that wait coalesce to the newest, whose outcome all of them get.
 */
export class ChangeQueue {
  readonly #waiting: WaitingChange[] = [];
  #running: Promise<unknown> | undefined;
  #ended: (() => Error) | undefined;

  /** Changes that wait now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether a change is being made now. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Without a `kind` a change never coalesces. */
  run<T>(work: () => Promise<T>, kind?: string): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended());
    if (this.#running === undefined) return this.#start(work);
    const same = kind === undefined ? undefined : this.#waiting.find((change) => change.kind === kind);
    if (same) {
      same.work = work;
      return same.outcome.promise as Promise<T>;
    }
    const outcome = Promise.withResolvers<unknown>();
    this.#waiting.push({ kind, work, outcome });
    return outcome.promise as Promise<T>;
  }

  /** Turns waiting and later changes away. Resolves when the one that runs has ended. */
  async end(reason: () => Error): Promise<void> {
    this.#ended ??= reason;
    for (const change of this.#waiting.splice(0)) change.outcome.reject(this.#ended());
    await this.#running?.catch(() => undefined);
  }

  #start<T>(work: () => Promise<T>): Promise<T> {
    const running = work().finally(() => this.#next());
    this.#running = running;
    return running;
  }

  #next(): void {
    this.#running = undefined;
    const change = this.#waiting.shift();
    if (change) this.#start(change.work).then(change.outcome.resolve, change.outcome.reject);
  }
}
