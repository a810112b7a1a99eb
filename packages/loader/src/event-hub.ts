import type { Logger } from '@lockgate/runtime';

/** Tells typed events to listeners, in the same step and in the order they came; a listener that fails harms nobody. */
export class EventHub<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => unknown>>();
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** @returns a function that takes the listener off again */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => unknown): () => void {
    const own = (event: Events[K]): unknown => listener(event); // one listener may be put on twice
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(own));
    return () => {
      listeners.delete(own);
    };
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        const answer = (listener as (event: Events[K]) => unknown)(event);
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#complain(name, error));
      } catch (error) {
        this.#complain(name, error);
      }
    }
  }

  #complain(name: keyof Events, error: unknown): void {
    this.#logger?.error({ event: name, err: error }, 'a listener of the loader failed');
  }
}
