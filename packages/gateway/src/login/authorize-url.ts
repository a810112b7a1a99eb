import { type AuthorizationServer, calculatePKCECodeChallenge } from 'oauth4webapi';
import { LoginFaultError } from './login-fault.ts';

export interface AuthorizeUrlOptions {
  readonly authorizationServer: AuthorizationServer;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
  readonly scopes: readonly string[];
  /** Undefined for authorization servers that refuse it. */
  readonly resource: string | undefined;
  /** Added; an empty one takes away what would be there. */
  readonly extra: Readonly<Record<string, string>>;
}

/**
 * The address at which people log in. Source: OAuth 2.1, section 4.1; RFC 7636, RFC 8707.
 *
 * @throws LoginFaultError where the authorization server does not offer PKCE with S256, or nowhere to log in at.
 */
export async function authorizeUrl(options: AuthorizeUrlOptions): Promise<URL> {
  const { authorizationServer, clientId, redirectUri, state, verifier, scopes, resource, extra } = options;
  const { issuer, authorization_endpoint: endpoint, code_challenge_methods_supported: methods } = authorizationServer;
  const { host } = new URL(issuer);
  if (methods?.includes('S256') !== true) {
    throw new LoginFaultError(
      `${host} does not say that it checks codes by PKCE with S256, so a stolen one could be used, and clients of MCP must not log in there: its operator has to list "S256" as "code_challenge_methods_supported" in its metadata, or give a client for "clientCredentials", or a token for "headers", which need no code`,
    );
  }
  if (endpoint === undefined || !isPage(endpoint))
    throw new LoginFaultError(`${host} names no address at which people log in`);
  const url = new URL(endpoint);
  const set = (name: string, value: string): void => {
    if (value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  };
  // Authorization servers give a refresh token that outlives the session to those alone who are asked (OpenID Connect Core, section 11).
  if (scopes.includes('offline_access')) set('prompt', 'consent');
  for (const [name, value] of Object.entries(extra)) set(name, value);
  set('response_type', 'code');
  set('client_id', clientId);
  set('redirect_uri', redirectUri);
  set('state', state);
  set('code_challenge', await calculatePKCECodeChallenge(verifier));
  set('code_challenge_method', 'S256');
  if (scopes.length > 0) set('scope', scopes.join(' '));
  if (resource !== undefined) set('resource', resource);
  return url;
}

/** An address that a browser opens as a page and nothing else. */
function isPage(address: string): boolean {
  return URL.canParse(address) && ['https:', 'http:'].includes(new URL(address).protocol);
}
