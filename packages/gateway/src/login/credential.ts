import type { IncomingHttpHeaders } from 'node:http';
import { LoginNeededError, LoginUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Authorizer } from '../transport/authorized-client.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import type { Grant, Held } from './grant.ts';

type Headers = Readonly<Record<string, string>>;

/** A token is renewed when a quarter of its life is left, or so many milliseconds, whichever is less. */
const AHEAD_MS = 300_000;
const AHEAD_SHARE = 0.25;

/** After a failure it is not tried again for so long; twice as long after each more. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** When it is tried again with a new token at a server that has refused a good one, twice as late after each more. */
const REJECTED_MS = 30_000;
const MAX_REJECTED_MS = 3_600_000;

/** A server that keeps asking for more gets no more logins than these, until somebody has logged in anew. */
const MAX_STEPS = 3;

const NOTHING: Headers = {};

/** What a server wants of a login, as it has said so. */
export interface WantedLogin {
  readonly scopes: readonly string[];
  /** Where it said that its metadata is. */
  readonly metadata?: string | undefined;
}

export interface CredentialOptions {
  readonly server: string;
  readonly grant: Grant;
  /** Whether requests go without, until the server asks for it. */
  readonly isOptional: boolean;
  /** Whether the server lets people log in, where its refusal does not say so itself. */
  readonly offersLogin: () => Promise<boolean>;
  /** Scopes that have been asked for already. */
  readonly askedScopes: () => readonly string[];
  /** Whether a guard says of the server's words who may know them: what it says of a call is told nobody by way of a login then. */
  readonly isGuarded: () => boolean;
  /** Somebody has to log in. */
  readonly onNeeded: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** One credential at one server: its token, renewed ahead of its end, by one request at a time, and never given to another server or holder. */
export class Credential implements Authorizer {
  readonly #options: CredentialOptions;
  #held: Held | undefined;
  #headers: Headers = NOTHING;
  #reading: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;
  #pauseUntil = 0;
  #failures = 0;
  #failure: Error | undefined;
  #hasRead = false;
  #isNeeded = false;
  #isWanted: boolean;
  #rejections = 0;
  #rejectedUntil = 0;
  #steps = 0;
  #wanted: WantedLogin = { scopes: [] };

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#isWanted = !options.isOptional;
  }

  /** What the server has asked for since the last login. */
  get wanted(): WantedLogin {
    return this.#wanted;
  }

  /** Whether somebody has to log in, as far as is known. */
  get isNeeded(): boolean {
    return this.#isNeeded;
  }

  headers(): Headers | Promise<Headers> {
    const held = this.#held;
    if (!held && this.#hasRead && !this.#isWanted) return NOTHING;
    const now = this.#options.now();
    if (held && !this.#isNeeded && now < refreshAt(held)) return this.#headers;
    return this.#late(held, now);
  }

  async refused(
    { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
    sent: Headers,
    retries: number,
  ): Promise<boolean> {
    const challenge = readChallenge(headers);
    if (status === 403) return this.#stepUp(challenge);
    // Another request has had it renewed meanwhile.
    if (this.#held && sent !== this.#headers) return true;
    if (!this.#isWanted && challenge.metadata === undefined && !(await this.#options.offersLogin())) return false;
    this.#isWanted = true;
    this.#note(challenge, []);
    if (!this.#held) await this.#read(); // another process may have logged in
    if (this.#held && sent !== this.#headers) return true;
    // One that has ended on its way says nothing of the next.
    if (retries > 0 && this.#isYoung()) throw this.#rejected();
    if (this.#held?.isRenewable || this.#options.grant.givesFirst) {
      await this.#renew();
      return true;
    }
    throw this.#needed(this.#held ? 'the server no longer takes its token' : 'nobody has logged in');
  }

  /** Somebody has logged in, or out, or what is kept has changed otherwise: it is read again at the next request. */
  changed(): void {
    this.#held = undefined;
    this.#hasRead = false;
    this.#headers = NOTHING;
    this.#isNeeded = false;
    this.#pauseUntil = 0;
    this.#failures = 0;
    this.#rejections = 0;
    this.#rejectedUntil = 0;
    this.#steps = 0;
    this.#wanted = { scopes: [], metadata: this.#wanted.metadata };
  }

  async #late(held: Held | undefined, now: number): Promise<Headers> {
    // A server that has asked for no login does not miss what cannot be read.
    const isMissed = held !== undefined || this.#isWanted;
    if (!isMissed && now < this.#pauseUntil) return NOTHING;
    if (!held || this.#isNeeded) {
      try {
        await this.#read();
      } catch (error) {
        if (isMissed) throw error;
        this.#pause(now);
        return NOTHING;
      }
      if (this.#held && this.#held !== held) return this.headers();
      if (!this.#isWanted && !held) return NOTHING;
      // A server may refuse for a while what is good: the login is not over by that.
      const isWorthATry = held?.isRenewable === true && this.#rejectedUntil > 0 && now >= this.#rejectedUntil;
      const isFirst = !held && this.#options.grant.givesFirst;
      if (!isWorthATry && !isFirst) throw this.#needed(held ? 'its login is not taken' : 'nobody has logged in');
    } else if (!held.isRenewable) {
      if (held.expiresAt === undefined || now < held.expiresAt) return this.#headers;
      await this.#read();
      if (this.#held !== held) return this.headers();
      throw this.#needed('its login has ended');
    } else if (held.expiresAt !== undefined && now < held.expiresAt) {
      // There is time: this request need not wait. What fails is tried again at the next.
      if (now >= this.#pauseUntil) this.#renew().catch(() => {});
      return this.#headers;
    }
    await this.#renew();
    return this.#headers;
  }

  /** Reads what is kept. Whoever asks meanwhile waits for the same. */
  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    try {
      const held = await this.#options.grant.read();
      this.#hasRead = true;
      if (held && held.accessToken !== this.#held?.accessToken) this.#adopt(held);
    } catch (error) {
      throw this.#unavailable(error as Error);
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewNow().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewNow(): Promise<void> {
    const { grant, now } = this.#options;
    if (now() < this.#pauseUntil && this.#failure) throw this.#failure;
    try {
      this.#adopt(await grant.renew(this.#held));
      this.#failures = 0;
    } catch (error) {
      if (error instanceof LoginNeededError) throw this.#needed(error.facts.why);
      this.#pause(now());
      this.#failure = this.#unavailable(error as Error);
      throw this.#failure;
    }
  }

  #pause(now: number): void {
    this.#pauseUntil = now + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, MAX_PAUSE_MS);
  }

  #adopt(held: Held): void {
    this.#held = held;
    this.#headers = { authorization: `Bearer ${held.accessToken}` };
    this.#isNeeded = false;
  }

  /** 403: the login is good and does not reach so far. Source: MCP specification, "Authorization", scope challenge handling. */
  #stepUp(challenge: Challenge): boolean {
    const { error, scopes = [] } = challenge;
    if (error !== 'insufficient_scope' || this.#options.grant.givesFirst) return false;
    const asked = this.#options.askedScopes();
    if (scopes.length === 0 || scopes.every((scope) => asked.includes(scope)) || this.#steps >= MAX_STEPS) return false;
    this.#steps++;
    this.#note(challenge, asked);
    const { server } = this.#options;
    throw new LoginNeededError({ server, why: 'the server wants more than the login allows' });
  }

  #note({ scopes, metadata }: Challenge, asked: readonly string[]): void {
    const all = [...new Set([...asked, ...this.#wanted.scopes, ...(scopes ?? [])])];
    const known = this.#wanted.metadata;
    // Whoever logs in is sent to where this leads. Once there is a login, a call was answered so.
    const isOfCall = this.#options.isGuarded() && (known !== undefined || this.#held !== undefined);
    this.#wanted = { scopes: all, metadata: isOfCall ? known : (metadata ?? known) };
  }

  #rejected(): LoginNeededError {
    const pauseMs = Math.min(REJECTED_MS * 2 ** this.#rejections++, MAX_REJECTED_MS);
    this.#rejectedUntil = this.#options.now() + pauseMs;
    return this.#needed('the server does not take the token that it was given');
  }

  /** Whether it is in the first half of its life: what is said of its end is whole seconds, and clocks differ. */
  #isYoung(): boolean {
    const held = this.#held;
    if (held?.expiresAt === undefined) return true;
    return this.#options.now() - held.obtainedAt < (held.expiresAt - held.obtainedAt) / 2;
  }

  #needed(why: string): LoginNeededError {
    const isNews = !this.#isNeeded;
    this.#isNeeded = true;
    if (isNews) this.#options.onNeeded();
    return new LoginNeededError({ server: this.#options.server, why });
  }

  #unavailable(cause: Error): LoginUnavailableError {
    const { server, logger } = this.#options;
    logger.warn({ server, reason: cause.message }, 'a login cannot be renewed now; it is kept');
    return new LoginUnavailableError({ server, reason: cause.message }, { cause });
  }
}

/** When it is time to renew a token; never where nobody has said when it ends. */
function refreshAt({ obtainedAt, expiresAt }: Held): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - Math.min(AHEAD_MS, (expiresAt - obtainedAt) * AHEAD_SHARE);
}
