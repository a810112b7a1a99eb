import { RecentGateways } from './recent-gateways.ts';
import type { ReplicaMessage, ReplicaMessageOf } from './replica-message.ts';

/** Beats for which what was told is kept: longer than it takes a gateway to notice that it hears nothing, and to hear again. */
const KEPT_BEATS = 5;

/** Bytes of all that is kept, and what one takes beside its text: the oldest are kept no longer. */
const KEPT_BYTES = 16_777_216;
const OVERHEAD_BYTES = 1_024;

/** Messages of another gateway that have not come, as far back as it keeps them. */
const MAX_MISSING = KEPT_BYTES / OVERHEAD_BYTES;

type Sure = ReplicaMessageOf<'sure'>;

interface Kept {
  readonly to: string;
  readonly message: Sure;
  readonly bytes: number;
  isUnheard: boolean;
  beats: number;
}

/** What has come of those of another gateway. */
interface Come {
  last: number;
  readonly missing: Set<number>;
}

/** Messages that nobody asks about. Each is kept for a while, and told again to a gateway that did not hear it; that takes each once. */
export class SureMessages {
  readonly #name: string;
  readonly #tell: (to: string, message: ReplicaMessage) => Promise<boolean>;
  readonly #counts = new RecentGateways<number>();
  readonly #come = new RecentGateways<Come>();
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  /** @param tell - False, or rejected, where nobody has heard it. */
  constructor(name: string, tell: (to: string, message: ReplicaMessage) => Promise<boolean>) {
    this.#name = name;
    this.#tell = tell;
  }

  tell(to: string, message: Sure['message']): void {
    const number = (this.#counts.get(to) ?? 0) + 1;
    this.#counts.set(to, number);
    const bytes = OVERHEAD_BYTES + (message.kind === 'frame' ? message.frame.length : message.uri.length);
    const sure: Sure = { kind: 'sure', from: this.#name, number, message };
    const kept: Kept = { to, message: sure, bytes, isUnheard: false, beats: 0 };
    this.#kept.add(kept);
    this.#bytes += bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= KEPT_BYTES) break;
      this.#forget(oldest);
    }
    this.#send(kept);
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
    for (const kept of this.#kept) if (to === undefined || kept.to === to) this.#send(kept);
  }

  /** What nobody has heard is told again. */
  beat(): void {
    for (const kept of this.#kept) {
      kept.beats += 1;
      if (kept.beats > KEPT_BEATS) this.#forget(kept);
      else if (kept.isUnheard) this.#send(kept);
    }
  }

  #send(kept: Kept): void {
    kept.isUnheard = false;
    const unheard = (): void => {
      kept.isUnheard = true;
    };
    this.#tell(kept.to, kept.message).then((isHeard) => isHeard || unheard(), unheard);
  }

  #forget(kept: Kept): void {
    this.#kept.delete(kept);
    this.#bytes -= kept.bytes;
  }
}
