import type { ReplicaMessage } from './replica-message.ts';

/** Beats for which what was told is kept: longer than it takes a gateway to notice that it hears nothing, and to hear again. */
const KEPT_BEATS = 5;

export interface KeptMessagesOptions {
  /** Tells one gateway, or all where none is named. False, or rejected, where it may not have been heard. */
  readonly tell: (to: string | undefined, message: ReplicaMessage) => Promise<boolean>;
  /** What all that is kept may weigh: the oldest are kept no longer. */
  readonly maxWeight: number;
  /** How many are kept. @default as many as their weight allows */
  readonly maxMessages?: number;
}

interface Kept {
  /** The one that is told; all where it is undefined. */
  readonly to: string | undefined;
  readonly message: ReplicaMessage;
  readonly weight: number;
  isUnheard: boolean;
  beats: number;
}

/** Messages that nobody asks about. Each is kept for a while, and told again where it may have been missed. */
export class KeptMessages {
  readonly #options: KeptMessagesOptions;
  readonly #kept = new Set<Kept>();
  #weight = 0;

  constructor(options: KeptMessagesOptions) {
    this.#options = options;
  }

  tell(message: ReplicaMessage, weight: number, to?: string): void {
    const { maxWeight, maxMessages = Number.POSITIVE_INFINITY } = this.#options;
    const kept: Kept = { to, message, weight, isUnheard: false, beats: 0 };
    this.#kept.add(kept);
    this.#weight += weight;
    for (const oldest of this.#kept) {
      if (this.#kept.size <= maxMessages && this.#weight <= maxWeight) break;
      this.#forget(oldest);
    }
    this.#send(kept, to);
  }

  /** That gateway, or any of them, hears again, and may have missed some. */
  tellAgain(to?: string): void {
    for (const kept of this.#kept)
      if (to === undefined || kept.to === undefined || kept.to === to) this.#send(kept, to ?? kept.to);
  }

  /** What may not have been heard is told again. */
  beat(): void {
    for (const kept of this.#kept) {
      kept.beats += 1;
      if (kept.beats > KEPT_BEATS) this.#forget(kept);
      else if (kept.isUnheard) this.#send(kept, kept.to);
    }
  }

  #send(kept: Kept, to: string | undefined): void {
    if (to === kept.to) kept.isUnheard = false;
    const unheard = (): void => {
      kept.isUnheard = true;
    };
    this.#options.tell(to, kept.message).then((isHeard) => isHeard || unheard(), unheard);
  }

  #forget(kept: Kept): void {
    this.#kept.delete(kept);
    this.#weight -= kept.weight;
  }
}
