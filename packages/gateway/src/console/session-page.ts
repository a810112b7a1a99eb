import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempts } from '../access/attempts.ts';
import { clientAddress } from '../access/client-address.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { Logger } from '../logger.ts';
import { VERSION } from '../version.ts';
import { bodyOf, writeJson } from './answer-api.ts';
import type { ProviderSignInBegun, SessionState, SignedIn, SignedOut } from './api.ts';
import { ApiFailure } from './api-failure.ts';
import {
  ABSOLUTE_MS,
  type ConsoleSession,
  type ConsoleSessions,
  IDLE_MS,
  type Identity,
  isCsrfOf,
} from './console-sessions.ts';
import { PENDING_MS } from './oidc/pending-ms.ts';
import { mustBeOwnPage } from './own-page.ts';
import { type Reached, readCookie, writeCookie } from './session-cookie.ts';
import { insecure, tooManyAttempts } from './session-failures.ts';
import type { SignIn } from './sign-in.ts';

export interface SessionPageOptions {
  readonly sessions: ConsoleSessions;
  readonly signIn: SignIn;
  readonly attempts: Attempts;
  readonly gateway: () => GatewaySection;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
}

/** `/console/api/session`: who is signed in, signing in, and signing out. */
export class SessionPage {
  readonly #options: SessionPageOptions;

  constructor(options: SessionPageOptions) {
    this.#options = options;
  }

  /** @throws ApiFailure */
  async answer(request: IncomingMessage, response: ServerResponse, reached: Reached | undefined): Promise<void> {
    switch (request.method) {
      case 'GET':
        return this.#tell(request, response, reached);
      case 'POST':
        return await this.#signIn(request, response, reached);
      case 'DELETE':
        return await this.#signOut(request, response, reached);
      default: {
        const headers = { allow: 'GET, POST, DELETE' };
        throw new ApiFailure(405, 'METHOD', 'session takes GET, POST, DELETE', { headers });
      }
    }
  }

  /**
   * Begins a sign-in at the OpenID provider: where the browser goes, and the cookie without which nobody comes back.
   *
   * @throws ApiFailure
   */
  async begin(request: IncomingMessage, response: ServerResponse, reached: Reached | undefined): Promise<void> {
    if (request.method !== 'POST') {
      throw new ApiFailure(405, 'METHOD', 'session/provider takes POST', { headers: { allow: 'POST' } });
    }
    if (!reached) throw insecure();
    mustBeOwnPage(request, reached);
    const { location, sealed } = await this.#options.signIn.begin(await bodyOf(request), reached);
    const begun: ProviderSignInBegun = { location };
    const cookie = writeCookie(reached, reached.pendingCookie, sealed, PENDING_MS / 1_000);
    writeJson(response, 200, begun, { 'set-cookie': cookie });
  }

  #tell(request: IncomingMessage, response: ServerResponse, reached: Reached | undefined): void {
    const { sessions, signIn } = this.#options;
    const used = reached && sessions.use(readCookie(request, reached.cookie));
    if (used) mustBeOwnPage(request, reached);
    const state: SessionState = used
      ? this.#state(used.session, used.identity)
      : { signedIn: false, ...(reached ? signIn.ways : { ways: [] }), version: VERSION };
    writeJson(response, 200, state);
  }

  async #signIn(request: IncomingMessage, response: ServerResponse, reached: Reached | undefined): Promise<void> {
    const { sessions, signIn, attempts, logger } = this.#options;
    if (!reached) throw insecure();
    mustBeOwnPage(request, reached);
    const address = clientAddress(request, this.#options.gateway().trustedProxies);
    const body = await bodyOf(request);
    const credential = keyOf(body);
    const wait = signIn.hasLink(body) ? 0 : attempts.waitSeconds(address, credential);
    if (wait > 0) throw tooManyAttempts(wait);
    // Counted before it is looked at, or a thousand at once would all be looked at.
    attempts.failed(address, credential);
    const { identity, maxMs, returnTo } = await signIn.identify(body, request, reached).catch((error: unknown) => {
      const code = error instanceof ApiFailure ? error.code : 'INTERNAL';
      // Nothing was tried that could be right or wrong.
      if (code === 'ISSUER_UNREACHABLE') attempts.forgive(address);
      logger.warn({ remoteAddress: address, code }, 'somebody could not sign in to the console');
      throw error;
    });
    attempts.forgive(address, credential);
    const id = sessions.begin(identity, readCookie(request, reached.cookie), maxMs);
    const used = sessions.use(id);
    if (id === undefined || !used) throw new ApiFailure(401, 'WRONG_KEY', 'The token has expired');
    logger.info(
      { who: used.identity.name, role: used.identity.role, remoteAddress: address },
      'somebody has signed in to the console',
    );
    const cookie = writeCookie(reached, reached.cookie, id, ABSOLUTE_MS / 1_000);
    const state = { ...this.#state(used.session, used.identity), ...(returnTo !== undefined && { returnTo }) };
    writeJson(response, 200, state, { 'set-cookie': cookie });
  }

  async #signOut(request: IncomingMessage, response: ServerResponse, reached: Reached | undefined): Promise<void> {
    const { sessions, signIn } = this.#options;
    const id = reached && readCookie(request, reached.cookie);
    const used = sessions.use(id);
    if (used && reached) {
      mustBeOwnPage(request, reached);
      if (!isCsrfOf(used.session, request.headers['x-lockgate-csrf'])) {
        throw new ApiFailure(403, 'CSRF', 'The header x-lockgate-csrf is missing, or of another session');
      }
      sessions.end(id as string);
    }
    const headers = reached ? { 'set-cookie': writeCookie(reached, reached.cookie, '', 0) } : {};
    const endSession = used && (await signIn.endSession(used.identity));
    const state: SignedOut = {
      signedIn: false,
      ...signIn.ways,
      version: VERSION,
      ...(endSession !== undefined && { endSession }),
    };
    writeJson(response, 200, state, headers);
  }

  #state({ csrf, endsAt }: ConsoleSession, { name, role }: Identity): SignedIn {
    const { gateway, now, monotonicNow, signIn } = this.#options;
    const { console } = gateway();
    return {
      signedIn: true,
      ...signIn.ways,
      role,
      name,
      csrf,
      endsAt: Math.round(now() + endsAt - monotonicNow()),
      idleMs: IDLE_MS,
      version: VERSION,
      mayChangeConfiguration: role === 'operator' && typeof console === 'object' && console.allowConfigurationChanges,
    };
  }
}

/** The key that somebody signs in with; a link is gone once it was right. */
function keyOf(body: unknown): string | undefined {
  const { key } = (body ?? {}) as { readonly key?: unknown };
  return typeof key === 'string' ? key.trim() : undefined;
}
