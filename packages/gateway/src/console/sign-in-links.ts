import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a link is valid, in milliseconds. */
export const LINK_MS: number = 10 * 60_000;
/** Links that are valid at once; another one ends the oldest. */
const MOST = 5;

interface Link {
  readonly digest: Buffer;
  readonly endsAt: number;
}

/** One-time links: 256 random bits, valid for ten minutes and for one sign-in. Only digests are kept. */
export class SignInLinks {
  readonly #now: () => number;
  #links: Link[] = [];

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  make(): string {
    const token = randomBytes(32).toString('base64url');
    this.#links = [...this.#valid(), { digest: digestOf(token), endsAt: this.#now() + LINK_MS }].slice(-MOST);
    return token;
  }

  /** Whether this is the token of a valid link, which it is no more after this. */
  take(token: string): boolean {
    const found = this.#find(token);
    this.#links = this.#valid().filter((link) => link !== found);
    return found !== undefined;
  }

  /** Whether this is the token of a valid link, which it stays. */
  has(token: string): boolean {
    return this.#find(token) !== undefined;
  }

  #find(token: string): Link | undefined {
    const digest = digestOf(token);
    return this.#valid().find((link) => timingSafeEqual(link.digest, digest));
  }

  #valid(): Link[] {
    const now = this.#now();
    return this.#links.filter(({ endsAt }) => now < endsAt);
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
