/** What may wait for all clients over HTTP together, without what is no more than 256 KiB for one. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Something that waits for its client to read it. */
export interface Unread {
  /** There is no room for it any more. */
  giveUp(): void;
}

/** What waits for the clients of this process over HTTP. Where it is too much, whoever has read nothing for longest is given up, and the others go on. */
export class UnreadTotal {
  readonly #maxBytes: number;
  /** In the order in which something of each was read last, or it came. */
  readonly #waiting = new Map<Unread, number>();
  #bytes = 0;

  /** @param maxBytes - @default 1 GiB */
  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get byteLength(): number {
    return this.#bytes;
  }

  /** So much more waits. */
  add(unread: Unread, byteLength: number): void {
    this.#waiting.set(unread, (this.#waiting.get(unread) ?? 0) + byteLength);
    this.#bytes += byteLength;
    for (const longest of this.#waiting.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.remove(longest);
      longest.giveUp();
    }
  }

  /** Something of it has been read, and so much still waits. */
  read(unread: Unread, left: number): void {
    const before = this.#waiting.get(unread);
    if (before === undefined) return;
    this.#waiting.delete(unread);
    if (left > 0) this.#waiting.set(unread, left);
    this.#bytes += left - before;
  }

  /** Nothing of it waits any more. */
  remove(unread: Unread): void {
    this.read(unread, 0);
  }
}

/** That of this process. */
export const UNREAD: UnreadTotal = new UnreadTotal();
