import type { Cancellation } from '../protocol/cancellation.ts';

/** What may wait for its turn: so many for each that may run. */
const MAX_WAITING_EACH = 64;

interface Waiting<T> {
  readonly give: (place: T) => void;
  readonly fail: (reason: unknown) => void;
}

/** Who has a turn next: clients one after another, each with what it has waited for longest. One client never has all places. */
export class Turns<T> {
  readonly #places: number;
  /** In the order of who is next. */
  readonly #queues = new Map<string, Waiting<T>[]>();
  readonly #running = new Map<string, number>();
  #waiting = 0;
  #taken = 0;

  /** @param places - That may be taken at once. */
  constructor(places: number) {
    this.#places = places;
  }

  /** Places that are taken. */
  get running(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Waits for a place; undefined where too many wait already. Rejects with the reason where it is no longer wanted. */
  wait(client: string, cancellation: Cancellation): Promise<T> | undefined {
    if (this.#waiting >= MAX_WAITING_EACH * this.#places) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const queue = this.#queues.get(client) ?? [];
    const waiting: Waiting<T> = {
      give: (place) => {
        forget();
        resolve(place);
      },
      fail: (reason) => {
        forget();
        reject(reason);
      },
    };
    queue.push(waiting);
    this.#queues.set(client, queue);
    this.#waiting += 1;
    const forget = cancellation.onCancel((reason) => {
      const at = queue.indexOf(waiting);
      if (at === -1 || this.#queues.get(client) !== queue) return;
      queue.splice(at, 1);
      this.#waiting -= 1;
      if (queue.length === 0) this.#queues.delete(client);
      reject(reason);
    });
    return promise;
  }

  /** Gives a place to whoever is next; false where nobody is. */
  next(place: T): boolean {
    const most = Math.max(1, this.#places - 1);
    for (const [client, queue] of this.#queues) {
      const running = this.#running.get(client) ?? 0;
      if (running >= most) continue;
      const waiting = queue.shift();
      if (!waiting) continue;
      this.#queues.delete(client);
      if (queue.length > 0) this.#queues.set(client, queue);
      this.#running.set(client, running + 1);
      this.#waiting -= 1;
      this.#taken += 1;
      waiting.give(place);
      return true;
    }
    return false;
  }

  /** Tells all that wait that there will be no place. */
  failAll(reason: unknown): void {
    const waiting = [...this.#queues.values()].flat();
    this.#queues.clear();
    this.#waiting = 0;
    for (const { fail } of waiting) fail(reason);
  }

  /** A place of this client is free again. */
  over(client: string): void {
    const running = this.#running.get(client) ?? 0;
    if (running > 1) this.#running.set(client, running - 1);
    else this.#running.delete(client);
    this.#taken -= 1;
  }
}
