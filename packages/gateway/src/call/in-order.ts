import { ceilingReached } from '../ceilings.ts';
import type { Message } from '../protocol/message.ts';

/** What may wait for its turn: that many messages, and that many bytes of them. */
const MAX_WAITING = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Decides on messages one after the other, so that they arrive in the order in which they came although each takes its time. */
export class InOrder {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;

  /**
   * False where too much waits already: the message is not taken then.
   *
   * @param pass - Given the message with bytes of its own. What it throws concerns nobody.
   */
  add({ method, params }: Message, pass: (message: Message) => Promise<void>): boolean {
    const byteLength = params?.byteLength ?? 0;
    if (this.#waiting >= MAX_WAITING || this.#bytes + byteLength > MAX_BYTES) {
      ceilingReached('monitored-messages');
      return false;
    }
    this.#waiting++;
    this.#bytes += byteLength;
    const message = { method, params: params?.copy() };
    this.#last = this.#last
      .then(() => pass(message))
      .catch(() => {})
      .finally(() => {
        this.#waiting--;
        this.#bytes -= byteLength;
      });
    return true;
  }

  /** Resolves when all that has been added so far is decided. */
  get settled(): Promise<void> {
    return this.#last;
  }
}
