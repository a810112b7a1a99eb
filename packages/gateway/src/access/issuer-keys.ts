import { createLocalJWKSet, errors, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import type { JwtSection } from '../config/auth-section.ts';
import { shortened } from '../shortened.ts';
import { askIssuer, type Fetch } from './ask-issuer.ts';

type Issuer = Pick<JwtSection, 'issuer' | 'jwksUri'>;

/** Keys are used this long before they are fetched again, in milliseconds. */
const MAX_AGE_MS = 600_000;

/** A token signed by a key that is not known has the keys fetched again, but not within so many milliseconds. */
const COOL_DOWN_MS = 30_000;

/** After a failure nobody asks the issuer for so many milliseconds: strangers could have it asked with every token. */
const PAUSE_MS = 1_000;

/** The issuer's keys cannot be had now. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

/** The published keys of one issuer, fetched when the first token comes and by one request for all who wait. */
export class IssuerKeys {
  readonly #issuer: Issuer;
  readonly #fetch: Fetch;
  readonly #now: () => number;
  #uri: string | undefined;
  #keys: LocalJWKSet | undefined;
  #fetchedAt = 0;
  #fetching: Promise<LocalJWKSet> | undefined;
  #failure: { readonly error: IssuerUnreachableError; readonly at: number } | undefined;

  /** @param now - Milliseconds that only go up. */
  constructor(issuer: Issuer, fetch: Fetch, now: () => number) {
    this.#issuer = issuer;
    this.#fetch = fetch;
    this.#now = now;
    this.#uri = issuer.jwksUri;
  }

  /**
   * The key that a token names.
   *
   * @throws IssuerUnreachableError; jose's errors where no key fits.
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const isFresh = this.#now() - this.#fetchedAt < MAX_AGE_MS;
    const keys = (isFresh ? this.#keys : undefined) ?? (await this.#renewed());
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#now() - this.#fetchedAt < COOL_DOWN_MS) throw error;
      return (await this.#renewed())(header, token);
    }
  };

  /**
   * Fetches the keys, whether any token needs them or not.
   *
   * @throws IssuerUnreachableError, whose cause says why.
   */
  async fetchKeys(): Promise<void> {
    await this.#renewed();
  }

  #renewed(): Promise<LocalJWKSet> {
    const failure = this.#failure;
    if (failure && this.#now() - failure.at < PAUSE_MS) return Promise.reject(failure.error);
    this.#fetching ??= this.#ask().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #ask(): Promise<LocalJWKSet> {
    try {
      this.#uri ??= await this.#discover();
      this.#keys = createLocalJWKSet((await this.#document(this.#uri)) as Parameters<typeof createLocalJWKSet>[0]);
    } catch (cause) {
      const error = new IssuerUnreachableError("the issuer's keys cannot be fetched", { cause });
      this.#failure = { error, at: this.#now() };
      throw error;
    }
    this.#failure = undefined;
    this.#fetchedAt = this.#now();
    return this.#keys;
  }

  /** Asks the issuer where its keys are: RFC 8414 first, then OpenID Connect Discovery. */
  async #discover(): Promise<string> {
    const { issuer } = this.#issuer;
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, '');
    const candidates = [
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ];
    let other: unknown;
    for (const url of candidates) {
      const metadata = (await this.#document(url)) as { issuer?: unknown; jwks_uri?: unknown } | undefined;
      if (metadata?.issuer === issuer && typeof metadata.jwks_uri === 'string') return metadata.jwks_uri;
      other ??= metadata?.issuer;
    }
    if (typeof other === 'string' && other !== issuer)
      throw new Error(`its metadata is of another issuer, ${shortened(other)}`);
    throw new Error('the issuer publishes no metadata; set "gateway.auth.jwt.jwksUri"');
  }

  /** A document as JSON; undefined where the issuer has none there. */
  async #document(url: string): Promise<unknown> {
    const response = await askIssuer(this.#fetch, url);
    return response.ok ? response.json() : undefined;
  }
}
