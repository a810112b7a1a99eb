import * as oauth from 'oauth4webapi';
import { askIssuer, type Fetch } from '../../access/ask-issuer.ts';
import { IssuerKeys } from '../../access/issuer-keys.ts';
import type { OidcSection } from '../../config/oidc-section.ts';
import type { Logger } from '../../logger.ts';
import { unfit, unreachable } from './oidc-failures.ts';

/** Metadata is used this long before it is fetched again, in milliseconds. */
const KEPT_MS = 600_000;

/** After a failure nobody asks for so many milliseconds: strangers could have the provider asked with every request. */
const PAUSE_MS = 1_000;

export interface ProviderOptions {
  readonly fetch: Fetch;
  readonly logger: Logger;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** What is known of a provider: where its endpoints are, and its keys. */
export interface ProviderFacts {
  readonly server: oauth.AuthorizationServer & Readonly<Record<Endpoint, string>>;
  readonly keys: IssuerKeys;
}

type Ask = (url: string, asked: oauth.CustomFetchOptions<string, URLSearchParams | undefined>) => Promise<Response>;

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
type Endpoint = (typeof ENDPOINTS)[number];

/** An OpenID provider, asked what it is when the first sign-in begins, and by one request for all who wait. */
export class Provider {
  readonly #issuer: string;
  readonly #options: ProviderOptions;
  #facts: ProviderFacts | undefined;
  #asking: Promise<ProviderFacts> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor({ issuer }: Pick<OidcSection, 'issuer'>, options: ProviderOptions) {
    this.#issuer = issuer;
    this.#options = options;
  }

  /** How each of its endpoints is asked: within bounds, and over http only where the provider is on this machine. */
  get request(): { readonly [oauth.customFetch]: Ask; readonly [oauth.allowInsecureRequests]: boolean } {
    return {
      [oauth.customFetch]: (url, { method, headers, body }) =>
        askIssuer(this.#options.fetch, url, { method, headers, body: body ?? null }),
      [oauth.allowInsecureRequests]: this.#isPlain,
    };
  }

  /** Where its own session is ended, as far as it was asked and says so. */
  get endSession(): string | undefined {
    const { end_session_endpoint: url } = this.#facts?.server ?? {};
    return typeof url === 'string' && this.#isProtected(url) ? url : undefined;
  }

  /** @throws ApiFailure where it cannot be asked, or must not be used. */
  facts(): Promise<ProviderFacts> {
    const now = this.#options.now();
    if (this.#facts && now - this.#askedAt < KEPT_MS) return Promise.resolve(this.#facts);
    if (this.#failure && now - this.#failure.at < PAUSE_MS) return Promise.reject(this.#failure.error);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<ProviderFacts> {
    try {
      const server = this.#fit(await this.#discover());
      const issuer = { issuer: server.issuer, jwksUri: server.jwks_uri };
      const { fetch, now } = this.#options;
      // The same keys serve on while they are at the same place.
      const keys =
        this.#facts?.server.jwks_uri === issuer.jwksUri ? this.#facts.keys : new IssuerKeys(issuer, fetch, now);
      this.#facts = { server, keys };
      this.#askedAt = now();
      this.#failure = undefined;
      return this.#facts;
    } catch (error) {
      this.#failure = { error, at: this.#options.now() };
      throw error;
    }
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.#issuer);
    try {
      const answer = await oauth.discoveryRequest(issuer, { ...this.request, algorithm: 'oidc' });
      return await oauth.processDiscoveryResponse(issuer, answer);
    } catch (error) {
      this.report(error);
      const isOther = (error as { code?: unknown }).code === oauth.JSON_ATTRIBUTE_COMPARISON;
      if (!isOther) throw unreachable(this.#issuer);
      const remedy =
        'Write into "gateway.console.oidc.issuer" exactly what its metadata names, if that is whom you trust';
      throw unfit(this.#issuer, 'calls itself another issuer in its metadata', remedy);
    }
  }

  /** @throws ApiFailure */
  #fit(server: oauth.AuthorizationServer): ProviderFacts['server'] {
    for (const name of ENDPOINTS) {
      const url: unknown = server[name];
      if (typeof url === 'string' && this.#isProtected(url)) continue;
      const why = `names no ${this.#isPlain ? '' : 'https '}address as "${name}" in its metadata`;
      throw unfit(this.#issuer, why, 'Use an issuer that speaks OpenID Connect with authorization codes');
    }
    // One that would ignore the challenge would take a stolen code from anybody.
    const { code_challenge_methods_supported: methods } = server;
    if (!Array.isArray(methods) || !methods.includes('S256')) {
      const remedy = 'Switch PKCE with S256 on there; its metadata must list it in "code_challenge_methods_supported"';
      throw unfit(this.#issuer, 'does not say that it takes PKCE with S256', remedy);
    }
    return server as ProviderFacts['server'];
  }

  /** Writes down why the provider could not be asked: who signs in is told what to do, and not this. */
  report(error: unknown): void {
    const { message, cause, error: code } = error as Error & { readonly error?: unknown };
    const more = cause instanceof Error ? cause.message : code;
    const reason = typeof more === 'string' ? `${message}: ${more}` : message;
    this.#options.logger.warn({ issuer: this.#issuer, reason }, 'the OpenID provider of the console could not be used');
  }

  get #isPlain(): boolean {
    return this.#issuer.startsWith('http:');
  }

  #isProtected(url: string): boolean {
    return URL.canParse(url) && (this.#isPlain ? /^https?:$/ : /^https:$/).test(new URL(url).protocol);
  }
}
