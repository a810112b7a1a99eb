import { errors, type JWTPayload, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { adminOf } from '../../access/admin-of.ts';
import { claimValues } from '../../access/claim-values.ts';
import type { OidcSection } from '../../config/oidc-section.ts';
import { ApiFailure } from '../api-failure.ts';
import type { Identity } from '../console-sessions.ts';
import {
  codeRefused,
  noRole,
  notThisSignIn,
  otherIssuer,
  refused,
  unreachable,
  unverifiedEmail,
  wrongToken,
} from './oidc-failures.ts';
import { type PendingSignIn, PendingSignIns } from './pending-sign-ins.ts';
import { Provider, type ProviderFacts, type ProviderOptions } from './provider.ts';

/** Signatures by a key that the provider publishes: one by the client's secret, or none at all, would prove nothing. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** How far the provider's clock may differ, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** Longest subject that OpenID Connect allows. Source: OpenID Connect Core 1.0, section 2. */
const MAX_SUBJECT = 255;

/** Longest query of an answer that is looked at, in characters. */
const MAX_ANSWER = 8_192;

export interface BegunSignIn {
  /** Where the browser goes. */
  readonly location: string;
  /** What it brings back, in a cookie. */
  readonly sealed: string;
}

/**
 * Signs somebody in at an OpenID provider: authorization code with PKCE S256, `state`, `nonce` and `iss`.
 * Source: OpenID Connect Core 1.0, section 3.1; RFC 9700; RFC 9207.
 */
export class OidcSignIn {
  readonly #section: OidcSection;
  readonly #provider: Provider;
  readonly #pending: PendingSignIns;

  constructor(section: OidcSection, options: ProviderOptions) {
    this.#section = section;
    this.#provider = new Provider(section, options);
    this.#pending = new PendingSignIns(options.now);
  }

  /** @throws ApiFailure where the provider cannot be asked, or must not be used. */
  async begin(redirectUri: string, returnTo: string): Promise<BegunSignIn> {
    const { server } = await this.#provider.facts();
    const { clientId, scopes } = this.#section;
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const verifier = oauth.generateRandomCodeVerifier();
    const location = new URL(server.authorization_endpoint);
    const asked = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) location.searchParams.set(name, value);
    const sealed = await this.#pending.seal({ state, nonce, verifier, redirectUri, returnTo });
    return { location: location.href, sealed };
  }

  /**
   * Who comes back.
   *
   * @param answer - The query with which the provider sent the browser back.
   * @throws ApiFailure
   */
  async finish(
    answer: string,
    sealed: string,
    redirectUri: string,
  ): Promise<{ readonly identity: Identity; readonly returnTo: string }> {
    const pending = await this.#pending.open(sealed);
    if (!pending || pending.redirectUri !== redirectUri || answer.length > MAX_ANSWER) throw notThisSignIn();
    const facts = await this.#provider.facts();
    const parameters = this.#checked(new URLSearchParams(answer), pending, facts);
    const claims = await this.#claims(parameters, pending, facts);
    return { identity: this.#identityOf(claims), returnTo: pending.returnTo };
  }

  /** Where the provider's own session is ended; undefined where it has no such place. */
  get endSession(): string | undefined {
    const { endSession } = this.#provider;
    if (endSession === undefined) return undefined;
    const url = new URL(endSession);
    url.searchParams.set('client_id', this.#section.clientId);
    return url.href;
  }

  get #client(): oauth.Client {
    return { client_id: this.#section.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
  }

  #checked(answer: URLSearchParams, pending: PendingSignIn, { server }: ProviderFacts): URLSearchParams {
    // What is none of this sign-in does not end it.
    if (answer.get('state') !== pending.state) throw notThisSignIn();
    this.#pending.end(pending);
    try {
      return oauth.validateAuthResponse(server, this.#client, answer, pending.state);
    } catch (error) {
      if (error instanceof oauth.AuthorizationResponseError) throw refused(error.error);
      throw otherIssuer(server.issuer);
    }
  }

  async #claims(code: URLSearchParams, pending: PendingSignIn, facts: ProviderFacts): Promise<JWTPayload> {
    const { server, keys } = facts;
    const { verifier, redirectUri, nonce: expectedNonce } = pending;
    const { request } = this.#provider;
    try {
      const secret = this.#authentication(server);
      const args = [server, this.#client, secret, code, redirectUri, verifier, request] as const;
      const answer = await oauth.authorizationCodeGrantRequest(...args);
      const required = { expectedNonce, requireIdToken: true };
      const tokens = await oauth.processAuthorizationCodeResponse(server, this.#client, answer, required);
      const { payload } = await jwtVerify(tokens.id_token ?? '', keys.find, {
        issuer: server.issuer,
        audience: this.#section.clientId,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      return await this.#withUserInfo(payload, tokens.access_token, facts);
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
      this.#provider.report(error);
      throw this.#failureOf(error);
    }
  }

  #authentication(server: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret } = this.#section;
    if (clientSecret === undefined) return oauth.None();
    const ways = server.token_endpoint_auth_methods_supported;
    const isByBody = ways?.includes('client_secret_post') === true && !ways.includes('client_secret_basic');
    return isByBody ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
  }

  /** Many providers tell groups and addresses at their userinfo endpoint alone. */
  async #withUserInfo(token: JWTPayload, accessToken: string, { server }: ProviderFacts): Promise<JWTPayload> {
    const isTold = claimValues(token, this.#section.admin.claim).length > 0;
    if (isTold || server.userinfo_endpoint === undefined) return token;
    try {
      const answer = await oauth.userInfoRequest(server, this.#client, accessToken, this.#provider.request);
      const told = await oauth.processUserInfoResponse(server, this.#client, token.sub ?? '', answer);
      return { ...(told as JWTPayload), ...token };
    } catch (error) {
      this.#provider.report(error);
      throw unreachable(this.#section.issuer);
    }
  }

  #failureOf(error: unknown): ApiFailure {
    if (error instanceof oauth.ResponseBodyError) return codeRefused(error.error);
    // The secret was refused in the way of HTTP, without a code of OAuth.
    if (error instanceof oauth.WWWAuthenticateChallengeError) return codeRefused('invalid_client');
    if (error instanceof errors.JWTClaimValidationFailed) return wrongToken(`"${error.claim}"`);
    if (error instanceof errors.JOSEError) return wrongToken('its signature');
    const { code, cause } = error as { readonly code?: string; readonly cause?: { readonly claim?: unknown } };
    if (code === oauth.JWT_CLAIM_COMPARISON || code === oauth.JWT_TIMESTAMP_CHECK) {
      return wrongToken(`"${String(cause?.claim)}"`);
    }
    if (code === oauth.INVALID_RESPONSE || code === oauth.UNSUPPORTED_OPERATION) {
      return wrongToken('a claim is missing, or the algorithm is none that is taken');
    }
    return unreachable(this.#section.issuer);
  }

  #identityOf(claims: JWTPayload): Identity {
    const { admin } = this.#section;
    const { sub = '' } = claims;
    // Two subjects without a name would be one principal.
    if (sub.trim() === '' || sub.length > MAX_SUBJECT) throw wrongToken('"sub"');
    const role = adminOf(claims, admin);
    if (!role) throw noRole(admin.claim, claimValues(claims, admin.claim).length > 0);
    // Whoever may choose an address would be whoever they like.
    if (admin.claim === 'email' && claims.email_verified !== true && claims.email_verified !== 'true')
      throw unverifiedEmail();
    const name = `oidc:${sub}`;
    return { name, role, caller: { name, how: 'oidc' } };
  }
}
