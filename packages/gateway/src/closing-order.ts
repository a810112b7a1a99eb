/**
 * Owns what was opened and closes it in reverse order. Everything is closed, also after a failure; then the failures are
 * thrown: one as it is, several as an `AggregateError`. (Node 22 has no `AsyncDisposableStack`.)
 */
export class ClosingOrder implements AsyncDisposable {
  #steps: (() => unknown)[] = [];

  /** Takes ownership of a resource and returns it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Adds a step that is awaited when everything closes. */
  defer(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Hands everything to a new owner; closing this one closes nothing any more. */
  move(): ClosingOrder {
    const owner = new ClosingOrder();
    owner.#steps = this.#steps;
    this.#steps = [];
    return owner;
  }

  /** A second call finds nothing left to close. */
  async [Symbol.asyncDispose](): Promise<void> {
    const steps = this.#steps.reverse();
    this.#steps = []; // before the first await: two that close at once must not share the steps out among them
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'several things could not be closed');
  }
}
