import { ceilingReached } from '../ceilings.ts';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { HeldBytes } from './held-bytes.ts';
import type { HttpResponse } from './http-contract.ts';
import { joinSmall } from './join-parts.ts';
import { UNREAD, type Unread, type UnreadTotal } from './unread-total.ts';
import { END_ABOVE_BYTES, GIVE_BYTES, UNREAD_MS } from './unsent.ts';

/**
 * Writes the body of an answer over HTTP. What is large leaves in pieces, each when the one before it has been taken: thus it is seen that the client reads.
 * A client that is slow loses nothing; the connection of one that reads nothing ends where too much waits for it, or for all.
 */
export class AnswerWriter implements Unread {
  readonly #response: HttpResponse;
  readonly #total: UnreadTotal;
  readonly #held = new HeldBytes();
  #isWatched = false;
  #isGiving = false;
  #ends = false;
  /** Runs while too much waits, from the last time that something was taken. */
  #patience: NodeJS.Timeout | undefined;

  /** @param total - What waits for all clients. @default that of the process */
  constructor(response: HttpResponse, total: UnreadTotal = UNREAD) {
    this.#response = response;
    this.#total = total;
  }

  /** How much the client has not taken yet. */
  get unsentBytes(): number {
    return this.#response.writableLength + this.#held.byteLength;
  }

  /** Does nothing once the client has gone. */
  write(parts: Bytes): void {
    if (this.#ends || !this.#isOpen) return;
    const byteLength = byteLengthOf(parts);
    if (!this.#isGiving && this.#response.writableLength + byteLength <= GIVE_BYTES) {
      this.#writeParts(joinSmall(parts, byteLength));
      return;
    }
    this.#watch();
    this.#held.append(parts);
    this.#total.add(this, byteLength);
    if (!this.#isGiving) this.#giveNext();
    if (!this.#isOpen || this.#patience !== undefined || this.unsentBytes <= END_ABOVE_BYTES) return;
    this.#patience = setTimeout(() => this.giveUp(), UNREAD_MS);
  }

  /** Ends the answer behind what has been written. */
  end(): void {
    if (this.#ends) return;
    this.#ends = true;
    if (!this.#isGiving) this.#response.end();
  }

  giveUp(): void {
    if (!this.#isOpen) return;
    ceilingReached('unsent-bytes');
    this.#forget();
    this.#response.destroy();
  }

  get #isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#response.once('close', () => this.#forget());
  }

  #giveNext(): void {
    const parts = this.#held.take(GIVE_BYTES);
    this.#isGiving = parts.length > 0;
    if (!this.#isGiving) {
      if (this.#ends) this.#response.end();
      return;
    }
    this.#writeParts(joinSmall(parts, byteLengthOf(parts)), () => this.#taken());
  }

  #taken(): void {
    this.#total.read(this, this.#held.keptBytes);
    if (!this.#isOpen) return;
    this.#patience?.refresh();
    this.#giveNext();
    if (this.unsentBytes <= END_ABOVE_BYTES) this.#calm();
  }

  #writeParts(parts: Bytes, onTaken?: () => void): void {
    const response = this.#response;
    const last = parts.length - 1;
    if (last > 0) response.cork();
    parts.forEach((part, at) => {
      response.write(part, at === last ? onTaken : undefined);
    });
    if (last > 0) response.uncork();
  }

  /** The connection has gone, and what waits for it with it. */
  #forget(): void {
    this.#held.clear();
    this.#total.remove(this);
    this.#calm();
  }

  #calm(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
