import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { AccessControl } from '../access/access-control.ts';
import type { Principal } from '../access/principal.ts';
import { isLoopback } from '../access/request-guard.ts';
import { isOnThisMachine } from '../access/serves-console.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { OidcSection } from '../config/oidc-section.ts';
import type { SignedOut } from './api.ts';
import { ApiFailure, badRequest, notAvailable } from './api-failure.ts';
import type { Identity } from './console-sessions.ts';
import type { BegunSignIn, OidcSignIn } from './oidc/oidc-sign-in.ts';
import type { ProviderOptions } from './oidc/provider.ts';
import { type Reached, readCookie } from './session-cookie.ts';
import type { SignInLinks } from './sign-in-links.ts';

export interface SignInOptions {
  readonly access: () => AccessControl;
  readonly gateway: () => GatewaySection;
  readonly links: SignInLinks;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly provider: ProviderOptions;
}

/** Somebody who has shown who they are. */
export interface Identified {
  /** Who it is now; nobody once the right has gone. */
  readonly identity: () => Identity | undefined;
  /** How long what was shown is valid itself, in milliseconds. */
  readonly maxMs?: number;
  /** The page that they asked for before they went to sign in elsewhere. */
  readonly returnTo?: string;
}

/** Who came in by a link: the one who started the gateway, or may use its admin socket. The name can be no key's. */
const LINK_CALLER = { name: 'console:link', how: 'link' } as const;

const WRONG = 'This is no valid link or admin key';
const REMEDY = 'A link is valid for ten minutes and one sign-in; `lockgate console` prints another';

/** The console's page to which the provider sends browsers back; it is registered there. */
const BACK = '/console/signed-in';
/** Fragments of the console's own pages; a page of anywhere else is none. */
const FRAGMENT = /^#\/[\x21-\x7E]{0,1000}$/;

/** Finds out who signs in, and whether they still may. */
export class SignIn {
  readonly #options: SignInOptions;
  #atProvider: Promise<OidcSignIn> | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** Whether a link would be taken: only where nobody but this machine reaches the gateway. */
  get takesLinks(): boolean {
    return isOnThisMachine(this.#options.gateway());
  }

  get ways(): Pick<SignedOut, 'ways' | 'provider'> {
    const { auth } = this.#options.gateway();
    const oidc = this.#oidc;
    const ways = [
      ...(this.takesLinks ? (['link'] as const) : []),
      ...(auth?.apiKeys.some(({ admin }) => admin) ? (['key'] as const) : []),
      ...(auth?.jwt?.admin ? (['token'] as const) : []),
      ...(oidc ? (['provider'] as const) : []),
    ];
    return { ways, ...(oidc && { provider: new URL(oidc.issuer).host }) };
  }

  /**
   * Begins a sign-in at the OpenID provider.
   *
   * @throws ApiFailure
   */
  async begin(body: unknown, { origin }: Reached): Promise<BegunSignIn> {
    const { returnTo = '#/overview' } = (body ?? {}) as { returnTo?: unknown };
    if (typeof returnTo !== 'string' || !FRAGMENT.test(returnTo)) {
      throw badRequest('"returnTo" is the fragment of a page of the console, such as "#/calls"');
    }
    return (await this.#provider()).begin(origin + BACK, returnTo);
  }

  /** Loads what signs in at the OpenID provider now, where there is one: a program that is replaced on the disk has it no longer. */
  async prepare(): Promise<void> {
    if (this.#oidc) await this.#provider();
  }

  /** Where the session at the OpenID provider is ended, which goes on when somebody signs out here. */
  async endSession({ caller }: Identity): Promise<string | undefined> {
    return caller.how === 'oidc' ? (await this.#provider()).endSession : undefined;
  }

  /** Whether this body has the token of a valid link: nobody guesses one, so nobody's failures stand in its way. */
  hasLink(body: unknown): boolean {
    const { token } = (body ?? {}) as { token?: unknown };
    return typeof token === 'string' && this.#options.links.has(token);
  }

  /**
   * Who this body signs in.
   *
   * @throws ApiFailure 401 for a wrong one, 403 for a right one that opens no console.
   */
  async identify(body: unknown, request: IncomingMessage, reached: Reached): Promise<Identified> {
    const { token, key, answer } = (body ?? {}) as { token?: unknown; key?: unknown; answer?: unknown };
    if (typeof token === 'string') return this.#byLink(token, request);
    if (typeof answer === 'string') {
      const sealed = readCookie(request, reached.pendingCookie) ?? '';
      const { identity, returnTo } = await (await this.#provider()).finish(answer, sealed, reached.origin + BACK);
      return { identity: () => identity, returnTo };
    }
    if (typeof key !== 'string' || key.trim() === '') {
      throw badRequest('Give a "token" of a link, a "key", or the "answer" of the OpenID provider');
    }
    const { authenticator } = this.#options.access();
    const caller = await authenticator.authenticate({ headers: { authorization: `Bearer ${key}` } });
    if (caller.kind === 'denial') throw new ApiFailure(401, 'WRONG_KEY', WRONG, { remedy: REMEDY });
    const identity = identityOf(caller);
    const before = this.#options.gateway().auth;
    // Rights go with the configuration: one that names somebody in another way asks for another sign-in.
    const still = (): Identity | undefined =>
      isDeepStrictEqual(before, this.#options.gateway().auth) ? identity : undefined;
    const { validUntil } = caller;
    return { identity: still, ...(validUntil !== undefined && { maxMs: validUntil - this.#options.now() }) };
  }

  get #oidc(): OidcSection | undefined {
    const { console } = this.#options.gateway();
    return typeof console === 'object' ? console.oidc : undefined;
  }

  /** Loaded when it is needed first: most gateways have none. The section is fixed while the gateway runs. */
  #provider(): Promise<OidcSignIn> {
    const oidc = this.#oidc;
    if (!oidc) throw notAvailable('This gateway has no OpenID provider', 'Name one in "gateway.console.oidc"');
    this.#atProvider ??= import('./oidc/oidc-sign-in.ts').then(
      ({ OidcSignIn }) => new OidcSignIn(oidc, this.#options.provider),
    );
    return this.#atProvider;
  }

  #byLink(token: string, { headers, socket }: IncomingMessage): Identified {
    const host = headers.host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? '';
    const isLocal = isLoopback(host) && isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
    if (!this.takesLinks || !isLocal || !this.#options.links.take(token)) {
      throw new ApiFailure(401, 'WRONG_LINK', WRONG, { remedy: REMEDY });
    }
    const identity = { name: LINK_CALLER.name, role: 'operator', caller: LINK_CALLER } as const;
    return { identity: () => (this.takesLinks ? identity : undefined) };
  }
}

/**
 * What a principal is in the console.
 *
 * @throws ApiFailure where it is nobody there.
 */
export function identityOf({ name, how, admin, servers }: Principal): Identity {
  if (!admin) {
    const remedy = 'Give the key "admin" in "gateway.auth.apiKeys", or the token a claim of "gateway.auth.jwt.admin"';
    throw new ApiFailure(403, 'ROLE', 'This credential opens MCP and not the console', { remedy });
  }
  if (servers !== undefined) {
    throw new ApiFailure(403, 'ROLE', 'The console tells of every server; this credential has "servers" of its own');
  }
  return { name, role: admin, caller: { name, how } };
}
