import { createHash } from 'node:crypto';

/** Failures within one window, of one address and of all together. */
const OF_ONE = 10;
const OF_ALL = 100;
const WINDOW_MS = 15 * 60_000;
/** Addresses that are counted apart; what comes from more is counted together. */
const MOST_ADDRESSES = 1_000;

/** Credentials that are remembered as right. */
const MOST_CREDENTIALS = 1_000;

/**
 * Counts failed attempts to sign in, in windows of fifteen minutes that begin with the first failure. A credential that was right before is looked
 * at whatever others do from the same address: many may share one, behind a proxy.
 */
export class Attempts {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, number>();
  /** Digests of what was right when it was looked at last. */
  readonly #right = new Set<string>();
  #all = 0;
  #endsAt = Number.NEGATIVE_INFINITY;

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds until an attempt from there with this credential is looked at again; 0 where it is looked at now. */
  waitSeconds(address: string, credential?: string): number {
    if (credential !== undefined && this.#right.has(digest(credential))) return 0;
    const left = this.#endsAt - this.#now();
    if (left <= 0) return 0;
    const isOver = this.#all >= OF_ALL || (this.#byAddress.get(address) ?? 0) >= OF_ONE;
    return isOver ? Math.ceil(left / 1_000) : 0;
  }

  failed(address: string, credential?: string): void {
    if (credential !== undefined) this.#right.delete(digest(credential));
    const now = this.#now();
    if (now >= this.#endsAt) {
      this.#byAddress.clear();
      this.#all = 0;
      this.#endsAt = now + WINDOW_MS;
    }
    this.#all++;
    const known = this.#byAddress.get(address) ?? 0;
    if (known > 0 || this.#byAddress.size < MOST_ADDRESSES) this.#byAddress.set(address, known + 1);
  }

  /** It was no failure after all. */
  forgive(address: string, credential?: string): void {
    this.right(credential);
    const known = this.#byAddress.get(address) ?? 0;
    if (known > 0) this.#byAddress.set(address, known - 1);
    if (this.#all > 0) this.#all--;
  }

  /** This credential is right. */
  right(credential?: string): void {
    if (credential === undefined) return;
    const known = digest(credential);
    this.#right.delete(known);
    this.#right.add(known);
    const [oldest] = this.#right;
    if (this.#right.size > MOST_CREDENTIALS && oldest !== undefined) this.#right.delete(oldest);
  }
}

/** What was given is kept nowhere. */
function digest(credential: string): string {
  return createHash('sha256').update(credential).digest('base64');
}
