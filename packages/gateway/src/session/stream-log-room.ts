/** What the logs of all sessions of a gateway may keep together. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What takes of the room. */
export interface RoomTaker {
  /** What it takes now. */
  readonly byteLength: number;
  /** Takes less from now on. */
  dropOldest(): void;
}

/** The room that the logs of all sessions share: clients that read nothing would otherwise fill 4 MiB each. */
export class StreamLogRoom {
  readonly #maxBytes: number;
  readonly #takers = new Set<RoomTaker>();
  #bytes = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  enter(taker: RoomTaker): void {
    this.#takers.add(taker);
  }

  leave(taker: RoomTaker): void {
    this.#takers.delete(taker);
  }

  /** One of those that entered takes so many bytes more, or fewer. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** Whoever takes most drops its oldest, until all fit. */
  makeRoom(): void {
    while (this.isFull) this.#largest()?.dropOldest();
  }

  #largest(): RoomTaker | undefined {
    let largest: RoomTaker | undefined;
    for (const taker of this.#takers) {
      if (!largest || taker.byteLength > largest.byteLength) largest = taker;
    }
    return largest;
  }
}
