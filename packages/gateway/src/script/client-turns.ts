import type { Cancellation } from '../protocol/cancellation.ts';

/** What may wait for its turn: so many for each that may run. */
const MAX_WAITING_EACH = 64;

interface Waiting<T> {
  readonly give: (place: T) => void;
  readonly fail: (reason: unknown) => void;
}

/** Who has a turn next: clients one after another, each with what it has waited for longest. One client never has all places. */
export class ClientTurns<T> {
  readonly #places: number;
  readonly #fullError: () => Error;
  /** In the order of who is next. */
  readonly #queues = new Map<string, Waiting<T>[]>();
  readonly #running = new Map<string, number>();
  #waiting = 0;
  #taken = 0;

  /**
   * @param places - That may be taken at once.
   * @param fullError - What is told to those for whom there is no room to wait.
   */
  constructor(places: number, fullError: () => Error) {
    this.#places = places;
    this.#fullError = fullError;
  }

  /** Places that are taken. */
  get running(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Waits for a place. Rejects with the reason where it is no longer wanted, and where too many wait already: then the newest of the client that has
   * most waiting makes way, unless it is this one.
   */
  wait(client: string, cancellation: Cancellation): Promise<T> {
    if (this.#waiting >= MAX_WAITING_EACH * this.#places && !this.#makeRoom(client)) {
      return Promise.reject(this.#fullError());
    }
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

  /** Whether there is room now for one more of this client. */
  #makeRoom(client: string): boolean {
    const longest = [...this.#queues].reduce((most, one) => (one[1].length > most[1].length ? one : most));
    const own = this.#queues.get(client)?.length ?? 0;
    if (longest[1].length <= own + 1) return false;
    this.#waiting -= 1;
    longest[1].pop()?.fail(this.#fullError());
    return true;
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
