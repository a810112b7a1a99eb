import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OauthLogin } from '../config/login-entry.ts';
import type { CredentialRecord } from '../state/credential-record.ts';
import { type PendingLoginRecord, pendingLoginRecords } from '../state/pending-login-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import type { WantedLogin } from './credential.ts';
import { LoginFaultError } from './login-fault.ts';
import type { LoginSite } from './login-site.ts';
import { withTokens } from './stored-grant.ts';
import type { Vault } from './vault.ts';

/** How long somebody may take in the browser. */
export const LOGIN_MS = 600_000;

export interface LoginFlowOptions {
  readonly store: StateStore;
  readonly vault: () => Promise<Vault>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface BeginLogin {
  readonly site: LoginSite;
  readonly holder: string;
  readonly redirectUri: string;
  /** What the server has asked for. */
  readonly wanted: WantedLogin;
  /** What it asks for when it refuses a call is words of the call: only what it lists for everybody is asked for. */
  readonly isGuarded: boolean;
  /** What the login that there is was asked for. */
  readonly askedScopes: readonly string[];
  /** A secret of the browser that begins it; absent where the answer comes to the program that begins it. */
  readonly browser?: string | undefined;
  /** Where the gateway publishes who it is as a client, where others can read it. */
  readonly document?: string | undefined;
}

/** A login that somebody has to finish in a browser. */
export interface BegunLogin {
  /** Where the browser goes. */
  readonly url: string;
  readonly state: string;
  /** Where people log in, as they know it. */
  readonly host: string;
  readonly scopes: readonly string[];
}

/** The two halves of a login in a browser: the way out, and the way back. */
export class LoginFlow {
  readonly #pending: Records<PendingLoginRecord>;
  readonly #options: LoginFlowOptions;

  constructor(options: LoginFlowOptions) {
    this.#options = options;
    this.#pending = new Records(options.store, pendingLoginRecords);
  }

  /** @throws LoginFaultError where nobody can log in; GATEWAY_STATE, GATEWAY_VAULT. */
  async begin(how: BeginLogin): Promise<BegunLogin> {
    const { site, holder, redirectUri, wanted, isGuarded, askedScopes, browser, document } = how;
    const login = oauthOf(site);
    const place = await site.place(wanted.metadata, login.issuer);
    const { authorizationServer } = place;
    const supported = authorizationServer.scopes_supported ?? [];
    const listed = new Set([...supported, ...(place.scopes ?? [])]);
    const more = isGuarded ? wanted.scopes.filter((scope) => listed.has(scope)) : wanted.scopes;
    const lists = supported.includes('offline_access');
    const first = login.scopes ?? (more.length > 0 ? more : (place.scopes ?? []));
    const lasting = login.scopes === undefined && lists ? ['offline_access'] : [];
    const scopes = [...new Set([...first, ...more, ...askedScopes, ...lasting])];
    const [{ chooseClient }, { authorizeUrl }] = await Promise.all([
      import('./client-choice.ts'),
      import('./authorize-url.ts'),
    ]);
    const later = [...new Set([...scopes, ...(place.scopes ?? [])])];
    const vault = await this.#options.vault();
    const { fetch } = site;
    const { now } = this.#options;
    const state = secret();
    const verifier = secret();
    const resource = login.omitResource ? undefined : place.resource;
    // Looked at before a client is registered: nobody registers where nobody can log in.
    const urlFor = (clientId: string): Promise<URL> =>
      authorizeUrl({
        authorizationServer,
        clientId,
        redirectUri,
        state,
        verifier,
        scopes,
        resource,
        extra: login.extraAuthorizeParams,
      });
    await urlFor('none');
    const client = await chooseClient({
      login,
      authorizationServer,
      redirectUri,
      scopes: later,
      document,
      vault,
      fetch,
      now,
    });
    const url = await urlFor(client.clientId);
    const pending: PendingLoginRecord = {
      server: site.name,
      holder,
      url: site.url,
      resource,
      issuer: authorizationServer.issuer,
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      authMethod: client.authMethod,
      redirectUri,
      verifier,
      scopes,
      browser: browser === undefined ? undefined : digest(browser),
    };
    await this.#pending.create([state], pending, LOGIN_MS);
    return { url: url.href, state, host: url.host, scopes };
  }

  /**
   * The browser has come back. The answer is good once, in the browser that the login was begun in, from the authorization server that was asked.
   *
   * @param siteOf - The server of a name, as it is configured now.
   * @param browser - The secret of the browser it came from; undefined where it came to the program that began it.
   * @throws LoginFaultError, GATEWAY_STATE, GATEWAY_VAULT.
   */
  async finish(
    answer: URLSearchParams,
    siteOf: (server: string) => LoginSite | undefined,
    browser: string | undefined,
  ): Promise<{ readonly server: string; readonly holder: string; readonly record: CredentialRecord }> {
    const state = answer.get('state') ?? '';
    const pending = state === '' ? undefined : await this.#pending.take([state]);
    if (!pending)
      throw new LoginFaultError('This login is not known: it was finished already, or begun more than ten minutes ago');
    if (!isSameBrowser(pending.browser, browser)) {
      throw new LoginFaultError('This login was begun in another browser, and is not finished here');
    }
    const site = siteOf(pending.server);
    if (site?.url !== pending.url) {
      throw new LoginFaultError(`The configuration of server "${pending.server}" has changed meanwhile; begin again`);
    }
    const requests = await site.requests(pending.issuer, pending.resource);
    const now = this.#options.now();
    const tokens = await requests.redeem(pending, answer, { ...pending, state });
    const { url, resource, issuer, clientId, clientSecret, authMethod, scopes } = pending;
    const bare = { url, resource, issuer, clientId, clientSecret, authMethod, askedScopes: scopes, loggedInAt: now };
    const record = withTokens<Omit<CredentialRecord, 'accessToken' | 'obtainedAt'>>(bare, tokens, now);
    return { server: pending.server, holder: pending.holder, record };
  }
}

function oauthOf({ name, login }: LoginSite): OauthLogin {
  if (login.type === 'oauth') return login;
  throw new LoginFaultError(`Nobody logs in to server "${name}": its "auth" is of type "${login.type}"`);
}

/** 256 random bits. */
export function secret(): string {
  return randomBytes(32).toString('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSameBrowser(expected: string | undefined, given: string | undefined): boolean {
  if (expected === undefined || given === undefined) return expected === given;
  return timingSafeEqual(Buffer.from(expected), Buffer.from(digest(given)));
}
