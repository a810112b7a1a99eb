import type { ReplicaMessage, ReplicaMessageOf } from './replica-message.ts';

/** Beats for which what was told is kept: longer than it takes a gateway to notice that it hears nothing, and to hear again. */
const KEPT_BEATS = 5;

/** How many are kept, and characters of them in all: the oldest are kept no longer. */
const MAX_KEPT = 1_000;
const MAX_KEPT_LENGTH = 4_194_304;

/** What is told to all, is written down nowhere, and does no harm when it is heard twice. */
export type MessageToAll = ReplicaMessageOf<'cancelled' | 'changed'>;

interface Kept {
  readonly message: MessageToAll;
  readonly length: number;
  isUnheard: boolean;
  beats: number;
}

/** Messages to all gateways, of which nobody knows who has to hear them. Each is kept for a while, and told again to one that may have missed it. */
export class MessagesToAll {
  readonly #tell: (to: string | undefined, message: ReplicaMessage) => Promise<unknown>;
  readonly #kept = new Set<Kept>();
  #length = 0;

  /** @param tell - Tells one gateway, or all; rejected where it may not have been told. */
  constructor(tell: (to: string | undefined, message: ReplicaMessage) => Promise<unknown>) {
    this.#tell = tell;
  }

  tell(message: MessageToAll): void {
    const length = message.kind === 'cancelled' ? message.params.length : 0;
    const kept: Kept = { message, length, isUnheard: false, beats: 0 };
    this.#kept.add(kept);
    this.#length += length;
    for (const oldest of this.#kept) {
      if (this.#kept.size <= MAX_KEPT && this.#length <= MAX_KEPT_LENGTH) break;
      this.#forget(oldest);
    }
    this.#send(kept);
  }

  /** That gateway, or any of them, hears again, and may have missed some. */
  tellAgain(to?: string): void {
    for (const kept of this.#kept) this.#send(kept, to);
  }

  /** What the store has not taken is told again. */
  beat(): void {
    for (const kept of this.#kept) {
      kept.beats += 1;
      if (kept.beats > KEPT_BEATS) this.#forget(kept);
      else if (kept.isUnheard) this.#send(kept);
    }
  }

  #send(kept: Kept, to?: string): void {
    if (to === undefined) kept.isUnheard = false;
    this.#tell(to, kept.message).catch(() => {
      kept.isUnheard = true;
    });
  }

  #forget(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#length -= kept.length;
  }
}
