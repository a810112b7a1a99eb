import { randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { parseJson } from '../../json.ts';
import { PENDING_MS } from './pending-ms.ts';

/** A sign-in that was begun, as its browser keeps it. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  /** The fragment of the console's page that asked. */
  readonly returnTo: string;
}

/**
 * Sign-ins that wait for their browser to come back. The browser itself keeps each, sealed for this process alone: strangers who begin thousands neither fill the
 * memory nor push out anybody else's. Here is only kept which have ended.
 */
export class PendingSignIns {
  readonly #now: () => number;
  readonly #key = randomBytes(32);
  readonly #ended = new Map<string, number>();

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  seal(pending: PendingSignIn): Promise<string> {
    const text = JSON.stringify({ ...pending, endsAt: this.#now() + PENDING_MS });
    return new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(this.#key);
  }

  /** What was sealed; undefined for what is none of this process, too old, or has ended. */
  async open(sealed: string): Promise<PendingSignIn | undefined> {
    const bytes = await compactDecrypt(sealed, this.#key).then(
      ({ plaintext }) => plaintext,
      () => undefined,
    );
    if (!bytes) return undefined;
    // Nobody else has the key: it is what was sealed above.
    const pending = parseJson(Buffer.from(bytes).toString('utf8')) as PendingSignIn & { readonly endsAt: number };
    return this.#now() < pending.endsAt && !this.#ended.has(pending.state) ? pending : undefined;
  }

  /** Ends one: whatever becomes of it, it is opened no more. */
  end({ state }: PendingSignIn): void {
    const now = this.#now();
    for (const [other, until] of this.#ended) if (until <= now) this.#ended.delete(other);
    this.#ended.set(state, now + PENDING_MS);
  }
}
