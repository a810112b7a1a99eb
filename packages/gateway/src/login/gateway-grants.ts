import type { ClientCredentialsLogin, TokenExchangeLogin } from '../config/login-entry.ts';
import { LoginNeededError } from '../errors.ts';
import type { Grant, Held } from './grant.ts';
import type { LoginSite } from './login-site.ts';
import type { Tokens } from './token-requests.ts';

/** Milliseconds since 1970. */
type Now = () => number;

/** The gateway's own credential, which it gets as a client of the authorization server. Kept nowhere: another is there for the asking. */
export class ClientGrant implements Grant {
  readonly givesFirst = true;
  readonly #site: LoginSite;
  readonly #login: ClientCredentialsLogin;
  readonly #now: Now;

  constructor(site: LoginSite, login: ClientCredentialsLogin, now: Now) {
    this.#site = site;
    this.#login = login;
    this.#now = now;
  }

  async read(): Promise<undefined> {
    return undefined;
  }

  async renew(): Promise<Held> {
    const login = this.#login;
    const place = await this.#site.place(undefined, login.issuer);
    const resource = login.omitResource ? undefined : place.resource;
    const requests = await this.#site.requests(place.authorizationServer.issuer, resource);
    const askedAt = this.#now();
    return toHeld(await requests.clientCredentials(login, login.scopes ?? place.scopes ?? []), askedAt);
  }
}

/** A credential that is made of the token a caller came in with. Kept nowhere. */
export class ExchangeGrant implements Grant {
  readonly givesFirst = true;
  readonly #site: LoginSite;
  readonly #login: TokenExchangeLogin;
  readonly #subjectToken: () => string | undefined;
  readonly #now: Now;

  /** @param subjectToken - What the caller has come in with last; undefined where it was no token, or has ended. */
  constructor(site: LoginSite, login: TokenExchangeLogin, subjectToken: () => string | undefined, now: Now) {
    this.#site = site;
    this.#login = login;
    this.#subjectToken = subjectToken;
    this.#now = now;
  }

  async read(): Promise<undefined> {
    return undefined;
  }

  async renew(): Promise<Held> {
    const token = this.#subjectToken();
    if (token === undefined) {
      const why = 'its credential is made of the token that a caller comes in with, and this one has come with none';
      throw new LoginNeededError({ server: this.#site.name, why });
    }
    const { issuer, idJag, audience, scopes, omitResource } = this.#login;
    const place = await this.#site.place(undefined, idJag ? idJag.issuer : issuer);
    const resource = omitResource ? undefined : place.resource;
    const own = place.authorizationServer.issuer;
    const wanted = scopes ?? place.scopes ?? [];
    const exchange = await this.#site.requests(issuer, resource);
    const askedAt = this.#now();
    if (!idJag) {
      return toHeld(await exchange.exchange(this.#login, token, { audience, scopes: wanted, kind: 'access' }), askedAt);
    }
    // Source: Identity Assertion Authorization Grant: the assertion is for the authorization server, and names the server as its resource.
    const asked = { audience: audience ?? own, scopes: wanted, kind: 'assertion' } as const;
    const { accessToken: assertion } = await exchange.exchange(this.#login, token, asked);
    const redeem = await this.#site.requests(own, undefined);
    return toHeld(await redeem.assert(idJag, assertion, wanted), askedAt);
  }
}

function toHeld({ accessToken, lifeMs }: Tokens, askedAt: number): Held {
  const expiresAt = lifeMs === undefined ? undefined : askedAt + lifeMs;
  return { accessToken, obtainedAt: askedAt, expiresAt, isRenewable: true };
}
