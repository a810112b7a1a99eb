import type { OauthLogin } from '../config/login-entry.ts';
import { LoginNeededError } from '../errors.ts';
import { type CredentialRecord, credentialRecords } from '../state/credential-record.ts';
import type { RecordKey } from '../state/records.ts';
import type { Grant, Held } from './grant.ts';
import { GrantGoneError, LoginFaultError } from './login-fault.ts';
import type { LoginSite } from './login-site.ts';
import type { Tokens } from './token-requests.ts';
import type { Vault, VaultSlot } from './vault.ts';

export interface StoredGrantOptions {
  readonly site: LoginSite;
  readonly holder: string;
  readonly vault: () => Promise<Vault>;
  /** Told where a renewed login could not be kept, which the next process will miss. */
  readonly onUnkept: (error: Error) => void;
  /** Told when the authorization server has ended the login. */
  readonly onGone: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What somebody has granted by logging in: kept in the vault, renewed with its refresh token. */
export class StoredGrant implements Grant {
  readonly givesFirst = false;
  readonly #options: StoredGrantOptions;
  #record: CredentialRecord | undefined;

  constructor(options: StoredGrantOptions) {
    this.#options = options;
  }

  get askedScopes(): readonly string[] {
    return this.#record?.askedScopes ?? [];
  }

  async read(): Promise<Held | undefined> {
    const vault = await this.#options.vault();
    const found = await vault.get(credentialRecords, this.#key);
    this.#record = found && this.#fits(found) ? newer(found, this.#record) : undefined;
    return this.#record && toHeld(this.#record);
  }

  async renew(known: Held | undefined): Promise<Held> {
    const vault = await this.#options.vault();
    return vault.exclusive(credentialRecords, this.#key, async (slot) => {
      const found = await slot.read();
      if (!found || !this.#fits(found)) throw this.#needed('its login has ended');
      // A record that could not be kept is only here, and the one that is kept has been used up.
      const record = newer(found, this.#record);
      if (record.accessToken !== known?.accessToken && this.#isFresh(record)) return this.#adopt(record);
      if (record.refreshToken === undefined) throw this.#needed('its login has ended');
      // Its life begins at the latest when it was asked for: the answer may have been long on its way.
      const askedAt = this.#options.now();
      const tokens = await this.#refresh(record, record.refreshToken, slot);
      return this.#keep(withTokens(record, tokens, askedAt), slot);
    });
  }

  /** A login that has just been made. */
  async put(record: CredentialRecord): Promise<void> {
    const vault = await this.#options.vault();
    await vault.exclusive(credentialRecords, this.#key, (slot) => slot.write(record));
    this.#record = record;
  }

  /** Takes the login away; answers what it was. */
  async take(): Promise<CredentialRecord | undefined> {
    const vault = await this.#options.vault();
    return vault.exclusive(credentialRecords, this.#key, async (slot) => {
      const found = await slot.read().catch(() => undefined);
      await slot.delete();
      this.#record = undefined;
      return found;
    });
  }

  get #key(): RecordKey {
    return [this.#options.site.name, this.#options.holder];
  }

  /** Only the authorization server's word that the grant is no more ends it, and only where nobody has put another in its place. */
  async #refresh(record: CredentialRecord, refreshToken: string, slot: VaultSlot<CredentialRecord>): Promise<Tokens> {
    const requests = await this.#options.site.requests(record.issuer, record.resource);
    try {
      return await requests.refresh(record, refreshToken).catch((error: unknown) => {
        // The answer may be lost on its way; many authorization servers take the same token once more for a while.
        if (error instanceof GrantGoneError || !isLost(error)) throw error;
        return requests.refresh(record, refreshToken);
      });
    } catch (error) {
      if (!(error instanceof GrantGoneError)) throw error;
      const again = await slot.read();
      if (again?.refreshToken === refreshToken) {
        await slot.delete();
        this.#options.onGone();
      }
      this.#record = undefined;
      throw this.#needed('its login has ended');
    }
  }

  async #keep(record: CredentialRecord, slot: VaultSlot<CredentialRecord>): Promise<Held> {
    const held = this.#adopt(record);
    // What the authorization server has given is good, whether or not it can be kept.
    await slot.write(record).catch((error: unknown) => this.#options.onUnkept(error as Error));
    return held;
  }

  #adopt(record: CredentialRecord): Held {
    this.#record = record;
    return toHeld(record);
  }

  /** A credential is for one server, one authorization server and one client, and is used with no other. */
  #fits({ url, issuer, clientId }: CredentialRecord): boolean {
    const { site } = this.#options;
    const login = site.login as OauthLogin;
    const isSameIssuer = login.issuer === undefined || new URL(login.issuer).href === new URL(issuer).href;
    return url === site.url && isSameIssuer && (login.clientId === undefined || login.clientId === clientId);
  }

  #isFresh({ expiresAt }: CredentialRecord): boolean {
    return expiresAt === undefined || this.#options.now() < expiresAt;
  }

  #needed(why: string): LoginNeededError {
    return new LoginNeededError({ server: this.#options.site.name, why });
  }
}

/** A record with other tokens. */
export function withTokens<T extends Omit<CredentialRecord, 'accessToken' | 'obtainedAt'>>(
  record: T,
  { accessToken, refreshToken, scopes, lifeMs }: Tokens,
  askedAt: number,
): T & Pick<CredentialRecord, 'accessToken' | 'obtainedAt'> {
  return {
    ...record,
    accessToken,
    refreshToken: refreshToken ?? record.refreshToken,
    scopes: scopes ?? record.scopes,
    obtainedAt: askedAt,
    expiresAt: lifeMs === undefined ? undefined : askedAt + lifeMs,
  };
}

function newer(found: CredentialRecord, known: CredentialRecord | undefined): CredentialRecord {
  return known && known.loggedInAt === found.loggedInAt && known.obtainedAt > found.obtainedAt ? known : found;
}

function toHeld({ accessToken, obtainedAt, expiresAt, refreshToken }: CredentialRecord): Held {
  return { accessToken, obtainedAt, expiresAt, isRenewable: refreshToken !== undefined };
}

/** Whether nothing is known of what became of a request. */
function isLost(error: unknown): boolean {
  return error instanceof LoginFaultError && error.isUnanswered;
}
