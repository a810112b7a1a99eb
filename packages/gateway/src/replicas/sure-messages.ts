import { KeptMessages } from './kept-messages.ts';
import { RecentGateways } from './recent-gateways.ts';
import type { ReplicaMessage, ReplicaMessageOf } from './replica-message.ts';

/** Bytes of all that is kept, and what one takes beside its text. */
const KEPT_BYTES = 16_777_216;
const OVERHEAD_BYTES = 1_024;

/** Messages of another gateway that have not come, as far back as it keeps them. */
const MAX_MISSING = KEPT_BYTES / OVERHEAD_BYTES;

type Sure = ReplicaMessageOf<'sure'>;

/** What has come of those of another gateway. */
interface Come {
  last: number;
  readonly missing: Set<number>;
}

/** Messages to one gateway that are told again where it did not hear them; it takes each once. */
export class SureMessages {
  readonly #name: string;
  readonly #counts = new RecentGateways<number>();
  readonly #come = new RecentGateways<Come>();
  readonly #kept: KeptMessages;

  /** @param tell - False, or rejected, where nobody has heard it. */
  constructor(name: string, tell: (to: string, message: ReplicaMessage) => Promise<boolean>) {
    this.#name = name;
    this.#kept = new KeptMessages({ tell: (to, message) => tell(to as string, message), maxWeight: KEPT_BYTES });
  }

  tell(to: string, message: Sure['message']): void {
    const number = (this.#counts.get(to) ?? 0) + 1;
    this.#counts.set(to, number);
    const bytes = OVERHEAD_BYTES + (message.kind === 'frame' ? message.frame.length : message.uri.length);
    this.#kept.tell({ kind: 'sure', from: this.#name, number, message } satisfies Sure, bytes, to);
  }

  /** Whether it has not come before. */
  isNew({ from, number }: Sure): boolean {
    const come = this.#come.get(from) ?? { last: 0, missing: new Set() };
    if (number <= come.last) return come.missing.delete(number);
    for (let missed = Math.max(come.last + 1, number - MAX_MISSING); missed < number; missed += 1)
      come.missing.add(missed);
    for (const oldest of come.missing) {
      if (come.missing.size <= MAX_MISSING) break;
      come.missing.delete(oldest);
    }
    come.last = number;
    this.#come.set(from, come);
    return true;
  }

  /** That gateway, or any of them, hears again, and may have missed some. */
  tellAgain(to?: string): void {
    this.#kept.tellAgain(to);
  }

  /** What nobody has heard is told again. */
  beat(): void {
    this.#kept.beat();
  }
}
