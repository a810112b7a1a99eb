/** What the logs of all sessions of a gateway may keep together before each is held to its part. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The room that the logs of all sessions share: clients that read nothing would otherwise fill it for everybody, 4 MiB each. */
export class StreamLogRoom {
  readonly #maxBytes: number;
  #bytes = 0;
  #logs = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** A log is opened (1) or closed (-1). */
  count(logs: 1 | -1): void {
    this.#logs += logs;
  }

  /** A log keeps so many bytes more, or fewer. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The most that a log which grows may keep now: its equal part where there is no room for more. */
  get partBytes(): number {
    return this.#bytes > this.#maxBytes ? this.#maxBytes / this.#logs : Number.POSITIVE_INFINITY;
  }
}
