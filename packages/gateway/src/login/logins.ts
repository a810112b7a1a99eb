import { hasCredential, isProgram, type RemoteServerEntry, type ServerEntry } from '../config/servers-section.ts';
import type { Logger } from '../logger.ts';
import type { Caller } from '../protocol/peer.ts';
import { type CredentialRecord, credentialRecords } from '../state/credential-record.ts';
import type { StateStore } from '../state/state-store.ts';
import { Credential } from './credential.ts';
import type { LoginPlace } from './discovery.ts';
import { ClientGrant, ExchangeGrant } from './gateway-grants.ts';
import type { Grant } from './grant.ts';
import { SHARED } from './holder.ts';
import { LoginFaultError } from './login-fault.ts';
import { type BegunLogin, LoginFlow } from './login-flow.ts';
import { LoginSite } from './login-site.ts';
import { SharedChanges } from './shared-changes.ts';
import { StoredGrant } from './stored-grant.ts';
import type { Vault } from './vault.ts';

export interface LoginsOptions {
  readonly store: StateStore;
  readonly openVault: () => Promise<Vault>;
  /** Whether a guard says of a server's words who may know them. */
  readonly isGuarded: (server: string) => boolean;
  /** The token that a holder has come in with last; undefined where there is none. */
  readonly subjectToken: (holder: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
  /** What makes a command of lockgate mean this configuration, with a space before it. @default nothing */
  readonly flag?: string;
}

/** One login, as people see it. */
export interface LoginView {
  readonly server: string;
  readonly holder: string;
  readonly state: 'connected' | 'needs login';
  readonly issuer?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly loggedInAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  /** Whether it goes on by itself when its token ends. */
  readonly isRenewable: boolean;
  /** Whether it outlives the process. */
  readonly isKept: boolean;
}

interface Account {
  readonly credential: Credential;
  readonly grant: Grant;
}

/** A server that may want a login. */
interface Server {
  readonly site: LoginSite;
  readonly entry: RemoteServerEntry;
  readonly accounts: Map<string, Account>;
}

/** Told when the credential of a holder at a server is another than before, or has ended. */
export type LoginListener = (server: string, holder: string) => void;

/** All logins of one gateway to the servers behind it. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #flow: LoginFlow;
  readonly #changes: SharedChanges;
  readonly #servers = new Map<string, Server>();
  readonly #listeners = new Set<LoginListener>();
  #vault: Promise<Vault> | undefined;
  #hasSaid = false;

  constructor(options: LoginsOptions) {
    this.#options = options;
    const { store, now, logger } = options;
    this.#flow = new LoginFlow({ store, vault: () => this.vault(), now });
    this.#changes = new SharedChanges({
      store,
      logger,
      onChanged: (server, holder) => this.#changedElsewhere(server, holder),
    });
  }

  /** Opened at its first use. A key that cannot be used is an error each time, until it can. */
  vault(): Promise<Vault> {
    this.#vault ??= this.#options.openVault().catch((error: unknown) => {
      this.#vault = undefined;
      throw error;
    });
    return this.#vault;
  }

  /** A server as it is configured now; undefined where it is asked with what the configuration itself has. */
  configure(name: string, entry: ServerEntry): RemoteServerEntry | undefined {
    if (isProgram(entry) || hasCredential(entry.headers)) {
      this.#servers.delete(name);
      return undefined;
    }
    this.#servers.set(name, { site: new LoginSite(name, entry, this.#options.now), entry, accounts: new Map() });
    return entry;
  }

  /** The credential of a holder at a server. @throws TypeError for a server that was not configured. */
  credential(server: string, holder: string): Credential {
    return this.#account(server, holder).credential;
  }

  onChanged(listener: LoginListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the credential of a holder is another, or the time is over; true for the first. */
  changed(server: string, holder: string, withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, withinMs, false);
    const stop = this.onChanged((changed, whose) => {
      if (changed === server && whose === holder && !this.credential(server, holder).isNeeded) resolve(true);
    });
    return promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  /** Where a holder's credential is one of several that people log in to, and not the gateway's own. */
  isOfPeople(server: string): boolean {
    return this.#servers.get(server)?.site.login.type === 'oauth';
  }

  /** Where people log in to a server, as it has said itself or publishes. @throws LoginFaultError */
  place(server: string, holder: string): Promise<LoginPlace> {
    const { site } = this.#servers.get(server) ?? {};
    if (!site) throw unknownServer(server);
    return site.place(this.credential(server, holder).wanted.metadata, site.login.issuer);
  }

  /** @throws LoginFaultError, GATEWAY_STATE, GATEWAY_VAULT. */
  async begin(
    server: string,
    holder: string,
    how: {
      readonly redirectUri: string;
      readonly browser?: string | undefined;
      readonly document?: string | undefined;
    },
  ): Promise<BegunLogin> {
    const found = this.#servers.get(server);
    if (!found) throw unknownServer(server);
    const { credential, grant } = this.#account(server, holder);
    const askedScopes = grant instanceof StoredGrant ? await grant.read().then(() => grant.askedScopes) : [];
    const isGuarded = this.#options.isGuarded(server);
    return this.#flow.begin({ site: found.site, holder, wanted: credential.wanted, isGuarded, askedScopes, ...how });
  }

  /**
   * The browser has come back.
   *
   * @param browser - The secret of the browser it came from; undefined where it came to the program that began it.
   * @throws LoginFaultError, GATEWAY_STATE, GATEWAY_VAULT.
   */
  async finish(
    answer: URLSearchParams,
    browser: string | undefined,
  ): Promise<{ readonly server: string; readonly holder: string; readonly isKept: boolean }> {
    const siteOf = (name: string): LoginSite | undefined => this.#servers.get(name)?.site;
    const { server, holder, record } = await this.#flow.finish(answer, siteOf, browser);
    const { grant, credential } = this.#account(server, holder);
    if (!(grant instanceof StoredGrant)) throw unknownServer(server);
    await grant.put(record);
    const { isDurable } = await this.vault();
    if (!isDurable) this.#sayOnce();
    this.#options.logger.info({ server, holder }, 'somebody has logged in to a server');
    credential.changed();
    this.#tell(server, holder);
    await this.#changes.publish(server, holder);
    return { server, holder, isKept: isDurable };
  }

  /** Ends a login: revoked where the authorization server has a way to, and forgotten in any case. Answers whether it was revoked. */
  async disconnect(
    server: string,
    holder: string,
  ): Promise<{ readonly wasThere: boolean; readonly isRevoked: boolean }> {
    const { grant, credential } = this.#account(server, holder);
    if (!(grant instanceof StoredGrant)) throw unknownServer(server);
    const record = await grant.take();
    credential.changed();
    this.#tell(server, holder);
    await this.#changes.publish(server, holder);
    const isRevoked = record ? await this.#revoke(server, record) : false;
    this.#options.logger.info({ server, holder, isRevoked }, 'a login to a server was ended');
    return { wasThere: record !== undefined, isRevoked };
  }

  /** All logins that there are, and those that are missing as far as is known. */
  async list(): Promise<readonly LoginView[]> {
    const vault = await this.vault();
    const kept = await vault.keys(credentialRecords);
    const pairs = new Map<string, readonly [string, string]>();
    const add = (server: string, holder: string): void =>
      void pairs.set(JSON.stringify([server, holder]), [server, holder]);
    for (const [server = '', holder = ''] of kept) if (this.isOfPeople(server)) add(server, holder);
    for (const [name, { accounts, entry }] of this.#servers) {
      if (!this.isOfPeople(name)) continue;
      for (const [holder, { credential }] of accounts) if (credential.isNeeded) add(name, holder);
      if (entry.auth !== undefined && entry.credential === 'shared') add(name, SHARED);
    }
    return Promise.all([...pairs.values()].map(([server, holder]) => this.#view(server, holder, vault)));
  }

  async #view(server: string, holder: string, vault: Vault): Promise<LoginView> {
    const { credential } = this.#account(server, holder);
    const record = await vault.get(credentialRecords, [server, holder]).catch(() => undefined);
    const isGood = record !== undefined && record.url === this.#servers.get(server)?.site.url && !credential.isNeeded;
    return {
      server,
      holder,
      state: isGood ? 'connected' : 'needs login',
      issuer: record?.issuer,
      scopes: record?.scopes ?? record?.askedScopes,
      loggedInAt: record?.loggedInAt,
      expiresAt: record?.expiresAt,
      isRenewable: record?.refreshToken !== undefined,
      isKept: vault.isDurable,
    };
  }

  #account(server: string, holder: string): Account {
    const found = this.#servers.get(server);
    if (!found) throw unknownServer(server);
    const known = found.accounts.get(holder);
    this.#changes.listen();
    if (known) return known;
    const { site } = found;
    const { now, logger } = this.#options;
    const grant = this.#grant(site, holder);
    const credential = new Credential({
      server,
      grant,
      isOptional: site.isOptional,
      offersLogin: () => site.offersLogin(),
      askedScopes: () => (grant instanceof StoredGrant ? grant.askedScopes : []),
      isGuarded: () => this.#options.isGuarded(server),
      onNeeded: () => this.#tell(server, holder),
      now,
      logger,
    });
    const account = { credential, grant };
    found.accounts.set(holder, account);
    return account;
  }

  #grant(site: LoginSite, holder: string): Grant {
    const { now, logger, subjectToken } = this.#options;
    const { login, name } = site;
    if (login.type === 'clientCredentials') return new ClientGrant(site, login, now);
    if (login.type === 'tokenExchange') return new ExchangeGrant(site, login, () => subjectToken(holder), now);
    const onUnkept = ({ message }: Error): void =>
      logger.error(
        { server: name, reason: message },
        'a renewed login cannot be kept; the next start will need a new one',
      );
    const onGone = (): void =>
      logger.warn({ server: name, holder }, 'a login has ended: its authorization server takes it no longer');
    return new StoredGrant({ site, holder, vault: () => this.vault(), onUnkept, onGone, now });
  }

  /** What is held here of it may be another's by now, or nobody's; of all, where it is not known which. */
  #changedElsewhere(server: string | undefined, holder = ''): void {
    if (server === undefined) {
      for (const { accounts } of this.#servers.values())
        for (const { credential } of accounts.values()) credential.changed();
      return;
    }
    const credential = this.#servers.get(server)?.accounts.get(holder)?.credential;
    if (!credential) return;
    credential.changed();
    this.#tell(server, holder);
  }

  async #revoke(server: string, record: CredentialRecord): Promise<boolean> {
    const site = this.#servers.get(server)?.site;
    try {
      const requests = await site?.requests(record.issuer, record.resource);
      // The refresh token takes the access tokens with it. Source: RFC 7009, section 2.1.
      return (await requests?.revoke(record, record.refreshToken ?? record.accessToken)) === true;
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.logger.warn({ server, reason }, 'a login is forgotten, but could not be revoked');
      return false;
    }
  }

  #tell(server: string, holder: string): void {
    for (const listener of this.#listeners) listener(server, holder);
  }

  #sayOnce(): void {
    if (this.#hasSaid) return;
    this.#hasSaid = true;
    const make = `"lockgate vault init${this.#options.flag ?? ''}"`;
    this.#options.logger.warn(
      {},
      `logins are kept in memory and end with this process: ${make} makes a key to keep them`,
    );
  }
}

/** Whose credential a caller's requests at a server carry; undefined where it needs one of its own and nobody knows who it is. */
export type HolderOf = (caller: Caller) => string | undefined;

function unknownServer(server: string): LoginFaultError {
  const which =
    'only servers with a "url" are logged in to, where they or "oauth" ask for it; "lockgate status" lists all';
  return new LoginFaultError(`There is no server "${server}" that anybody logs in to: ${which}`);
}
