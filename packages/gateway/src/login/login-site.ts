import type { Fetch } from '@lockgate/runtime';
import type { AuthorizationServer } from 'oauth4webapi';
import type { LoginEntry, OauthLogin } from '../config/login-entry.ts';
import type { RemoteServerEntry } from '../config/servers-section.ts';
import type { LoginPlace } from './discovery.ts';
import { createLoginFetch } from './login-fetch.ts';
import type { TokenRequests } from './token-requests.ts';

/** How long metadata is believed, in milliseconds. */
const METADATA_MS = 300_000;

interface Kept<T> {
  readonly until: number;
  readonly value: Promise<T>;
}

const PLAIN: OauthLogin = { type: 'oauth', extraAuthorizeParams: {}, omitResource: false, allowedHosts: [] };

/** One server, as far as logins to it go: what the configuration says of them, and what it and its authorization servers publish. */
export class LoginSite {
  readonly name: string;
  readonly url: string;
  readonly login: LoginEntry;
  /** Whether the configuration leaves it to the server to ask for a login. */
  readonly isOptional: boolean;
  readonly fetch: Fetch;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept<unknown>>();

  /** @param now - Milliseconds of any clock. */
  constructor(name: string, { url, auth }: RemoteServerEntry, now: () => number) {
    this.name = name;
    this.url = url;
    this.login = auth ?? PLAIN;
    this.isOptional = auth === undefined;
    this.#now = now;
    const { login } = this;
    const named = [login.issuer, login.type === 'tokenExchange' ? login.idJag?.issuer : undefined];
    this.fetch = createLoginFetch({ server: new URL(url), named, allowedHosts: login.allowedHosts });
  }

  /** Where people log in. @throws LoginFaultError */
  place(metadata: string | undefined, issuer: string | undefined): Promise<LoginPlace> {
    return this.#remembered(`place ${metadata} ${issuer}`, async () => {
      const { discoverLogin } = await import('./discovery.ts');
      return discoverLogin({ server: new URL(this.url), metadata, issuer, fetch: this.fetch });
    });
  }

  /** The metadata of an authorization server. @throws LoginFaultError */
  issuer(issuer: string): Promise<AuthorizationServer> {
    return this.#remembered(`issuer ${issuer}`, async () => {
      const { discoverIssuer } = await import('./discovery.ts');
      return discoverIssuer(issuer, this.fetch);
    });
  }

  /** Whether people can log in, as far as the server says so where clients look. */
  offersLogin(): Promise<boolean> {
    return this.#remembered('offers', async () => {
      const { publishesResource } = await import('./discovery.ts');
      return publishesResource(new URL(this.url), this.fetch);
    });
  }

  /** @throws LoginFaultError where the authorization server publishes no metadata. */
  async requests(issuer: string, resource: string | undefined): Promise<TokenRequests> {
    const [server, { TokenRequests: Requests }] = await Promise.all([
      this.issuer(issuer),
      import('./token-requests.ts'),
    ]);
    return new Requests(server, this.fetch, resource);
  }

  /** What failed is asked for again. */
  #remembered<T>(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key) as Kept<T> | undefined;
    if (known && this.#now() < known.until) return known.value;
    const value = find();
    this.#kept.set(key, { until: this.#now() + METADATA_MS, value });
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}
