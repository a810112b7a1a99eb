import type { Fetch } from '@lockgate/runtime';
import * as oauth from 'oauth4webapi';
import type { ClientCredentialsLogin } from '../config/login-entry.ts';
import { clientAuth, keyAuth, type LoginClient } from './client-auth.ts';
import { GrantGoneError, LoginFaultError } from './login-fault.ts';

/** What an authorization server has given. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** How long the access token is good for, where that is said, in milliseconds. */
  readonly lifeMs?: number | undefined;
}

/** Source: RFC 6749, A.12. */
const TOKEN = /^[\x20-\x7e]+$/;

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Requests to one authorization server for one server. Everything rejects with LoginFaultError. */
export class TokenRequests {
  readonly #server: oauth.AuthorizationServer;
  readonly #fetch: Fetch;
  /** Sent as `resource`; undefined for authorization servers that refuse it. */
  readonly #resource: string | undefined;

  constructor(server: oauth.AuthorizationServer, fetch: Fetch, resource: string | undefined) {
    this.#server = server;
    this.#fetch = fetch;
    this.#resource = resource;
  }

  /**
   * Redeems the code of an answer, whose `state` and `iss` must be those that are expected.
   *
   * @throws GrantGoneError where the code is none, or was used.
   */
  redeem(
    client: LoginClient,
    answer: URLSearchParams,
    {
      state,
      redirectUri,
      verifier,
    }: { readonly state: string; readonly redirectUri: string; readonly verifier: string },
  ): Promise<Tokens> {
    return this.#told(async () => {
      const own = { client_id: client.clientId };
      const checked = oauth.validateAuthResponse(this.#server, own, answer, state);
      const auth = clientAuth(oauth, client, this.#server);
      const options = this.#options(this.#withResource({}));
      const response = await oauth.authorizationCodeGrantRequest(
        this.#server,
        own,
        auth,
        checked,
        redirectUri,
        verifier,
        options,
      );
      return toTokens(await oauth.processAuthorizationCodeResponse(this.#server, own, response));
    });
  }

  /** @throws GrantGoneError where the authorization server says that the grant is no more. */
  refresh(client: LoginClient, refreshToken: string): Promise<Tokens> {
    return this.#told(async () => {
      const own = { client_id: client.clientId };
      const auth = clientAuth(oauth, client, this.#server);
      const options = this.#options(this.#withResource({}));
      const response = await oauth.refreshTokenGrantRequest(this.#server, own, auth, refreshToken, options);
      return toTokens(await oauth.processRefreshTokenResponse(this.#server, own, response));
    });
  }

  clientCredentials(login: ClientCredentialsLogin, scopes: readonly string[]): Promise<Tokens> {
    return this.#told(async () => {
      const own = { client_id: login.clientId };
      const auth =
        login.privateKey === undefined ? clientAuth(oauth, login, this.#server) : await keyAuth(oauth, login);
      const parameters = this.#withResource(scopes.length > 0 ? { scope: scopes.join(' ') } : {});
      const response = await oauth.clientCredentialsGrantRequest(this.#server, own, auth, parameters, this.#options());
      return toTokens(await oauth.processClientCredentialsResponse(this.#server, own, response));
    });
  }

  /** Exchanges a caller's token (RFC 8693) for an access token, or for an identity assertion (ID-JAG). */
  exchange(
    client: LoginClient,
    token: string,
    {
      audience,
      scopes,
      kind,
    }: { audience: string | undefined; scopes: readonly string[]; kind: 'access' | 'assertion' },
  ): Promise<Tokens> {
    const isAssertion = kind === 'assertion';
    return this.#grant(client, TOKEN_EXCHANGE, {
      subject_token: token,
      subject_token_type: `urn:ietf:params:oauth:token-type:${isAssertion ? 'id_token' : 'access_token'}`,
      requested_token_type: isAssertion ? ID_JAG : 'urn:ietf:params:oauth:token-type:access_token',
      ...(audience !== undefined && { audience }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    });
  }

  /** Redeems an identity assertion (RFC 7523). */
  assert(client: LoginClient, assertion: string, scopes: readonly string[]): Promise<Tokens> {
    return this.#grant(client, JWT_BEARER, { assertion, ...(scopes.length > 0 && { scope: scopes.join(' ') }) });
  }

  /** Has the authorization server end a token (RFC 7009); false where it offers no way to. */
  async revoke(client: LoginClient, token: string): Promise<boolean> {
    if (this.#server.revocation_endpoint === undefined) return false;
    return this.#told(async () => {
      const own = { client_id: client.clientId };
      const auth = clientAuth(oauth, client, this.#server);
      const response = await oauth.revocationRequest(this.#server, own, auth, token, this.#options());
      await oauth.processRevocationResponse(response);
      return true;
    });
  }

  #grant(client: LoginClient, grant: string, parameters: Record<string, string>): Promise<Tokens> {
    return this.#told(async () => {
      const own = { client_id: client.clientId };
      const auth = clientAuth(oauth, client, this.#server);
      const all = this.#withResource(parameters);
      const response = await oauth.genericTokenEndpointRequest(this.#server, own, auth, grant, all, this.#options());
      // An assertion is no token to come in with, and its type says so.
      const recognizedTokenTypes = { n_a: () => {} };
      return toTokens(
        await oauth.processGenericTokenEndpointResponse(this.#server, own, response, { recognizedTokenTypes }),
      );
    });
  }

  #withResource(parameters: Record<string, string>): Record<string, string> {
    return this.#resource === undefined ? parameters : { ...parameters, resource: this.#resource };
  }

  #options(additionalParameters: Record<string, string> = {}) {
    return {
      [oauth.customFetch]: (url: string, init: object) => this.#fetch(url, init as RequestInit),
      // Which addresses may be asked in clear text the fetch decides.
      [oauth.allowInsecureRequests]: true,
      additionalParameters,
    };
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LoginFaultError) throw error;
      throw toFault(error, this.#server.issuer);
    }
  }
}

function toTokens({ access_token, refresh_token, scope, expires_in, token_type }: oauth.TokenEndpointResponse): Tokens {
  if (token_type !== 'bearer' && token_type !== 'n_a') {
    throw new LoginFaultError(
      `The authorization server gives tokens of the type "${token_type}", which the gateway cannot use`,
    );
  }
  if (!TOKEN.test(access_token))
    throw new LoginFaultError('The authorization server gives a token that no header can carry');
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    scopes: scope?.split(' ').filter((one) => one !== ''),
    lifeMs: expires_in === undefined ? undefined : expires_in * 1_000,
  };
}

/** Codes are told; descriptions are the words of others, and may hold anything. */
function toFault(error: unknown, issuer: string): LoginFaultError {
  const host = new URL(issuer).host;
  if (error instanceof oauth.AuthorizationResponseError) {
    return new LoginFaultError(`${host} did not log in (${codeOf(error.error)})`, { cause: error });
  }
  if (error instanceof oauth.ResponseBodyError) {
    const sentence = `${host} refuses the request for a token (${codeOf(error.error)})`;
    return error.error === 'invalid_grant'
      ? new GrantGoneError(sentence, { cause: error })
      : new LoginFaultError(sentence, { cause: error });
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return new LoginFaultError(`${host} does not take the client that the gateway is to it`, { cause: error });
  }
  const why = error instanceof Error ? error.message.replace(/^"response" (?:body )?/, 'its answer: ') : 'unknown';
  return new LoginFaultError(`${host} gave no answer that can be used (${why})`, { cause: error });
}

function codeOf(error: string): string {
  return /^[\w.-]{1,64}$/.test(error) ? error : 'an unknown error';
}
