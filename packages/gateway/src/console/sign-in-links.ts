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
    const digest = digestOf(token);
    const valid = this.#valid();
    const found = valid.find((link) => timingSafeEqual(link.digest, digest));
    this.#links = valid.filter((link) => link !== found);
    return found !== undefined;
  }

  #valid(): Link[] {
    const now = this.#now();
    return this.#links.filter(({ endsAt }) => now < endsAt);
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
