import type { IncomingHttpHeaders } from 'node:http';
import type { ClientCertificateEntry } from '../config/auth-section.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { TlsPeer } from '../transport/tls.ts';
import { createApiKeyCheck } from './api-keys.ts';
import type { Fetch } from './ask-issuer.ts';
import { type Denial, deny, type Principal } from './principal.ts';
import type { Challenge, OnToken, TokenCheck } from './tokens.ts';

export interface AuthRequest {
  readonly headers: IncomingHttpHeaders;
  /** The client's certificate where TLS asked for one and its chain held. */
  readonly tlsPeer?: TlsPeer | undefined;
}

export interface Authenticator {
  /** False where nothing is configured and everybody is `anonymous`. */
  readonly required: boolean;
  /** Answers at once unless it has to ask an issuer. */
  authenticate(request: AuthRequest): Principal | Denial | Promise<Principal | Denial>;
  /** The OAuth protected-resource document for a path such as `/mcp`, or null without "jwt". Source: RFC 9728. */
  resourceMetadata(path: string, host: string | undefined): object | null;
}

export interface AuthenticatorOptions {
  readonly fetch?: Fetch;
  /** Milliseconds that only go up. @default performance.now */
  readonly now?: () => number;
  /** @default nobody is told */
  readonly onToken?: OnToken | undefined;
}

export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

const NO_CREDENTIAL = 'Authentication is required.';
const UNKNOWN_CREDENTIAL = 'The credential is not known.';

/** What those are told who lack a credential, or have one that nobody knows. */
export const CREDENTIAL_DENIALS: readonly string[] = [NO_CREDENTIAL, UNKNOWN_CREDENTIAL];

const ANONYMOUS: Principal = { kind: 'principal', name: 'anonymous', how: 'none' };

/**
 * Makes the one judge of who may come in. A credential that is given is judged alone: a bad one is refused even where
 * the connection's certificate would have been enough.
 */
export function createAuthenticator(
  gateway: Pick<GatewaySection, 'auth' | 'tls' | 'publicUrl' | 'listen'>,
  {
    fetch = (url, init) => globalThis.fetch(url, init),
    now = () => performance.now(),
    onToken,
  }: AuthenticatorOptions = {},
): Authenticator {
  const { auth, tls, publicUrl } = gateway;
  const jwt = auth?.jwt;
  const checkKey = createApiKeyCheck(auth?.apiKeys ?? []);
  const checkCertificate = createCertificateCheck(auth?.clientCertificates ?? []);
  const required = Boolean(auth?.apiKeys.length) || jwt !== undefined || tls?.clientCa !== undefined;

  const base = (host: string | undefined): string => {
    if (publicUrl !== undefined) return publicUrl.replace(/\/$/, '');
    return `${tls === undefined ? 'http' : 'https'}://${host ?? gateway.listen}`;
  };

  const challenger =
    (headers: IncomingHttpHeaders): Challenge =>
    (error, description, scope) => {
      const parts = ['realm="lockgate"'];
      if (error !== undefined)
        parts.push(`error="${error}"`, `error_description="${description?.replaceAll('"', "'")}"`);
      if (scope !== undefined) parts.push(`scope="${scope}"`);
      if (jwt !== undefined) parts.push(`resource_metadata="${base(headers.host)}${RESOURCE_METADATA_PATH}"`);
      return { 'www-authenticate': `Bearer ${parts.join(', ')}` };
    };

  let tokens: Promise<TokenCheck> | undefined;
  // Loaded at the first token: most gateways are never shown one.
  const checkToken =
    jwt &&
    (async (token: string, challenge: Challenge) => {
      tokens ??= import('./tokens.ts').then(({ createTokenCheck }) => createTokenCheck(jwt, fetch, now, onToken));
      return (await tokens)(token, challenge);
    });

  return {
    required,
    authenticate({ headers, tlsPeer }) {
      if (!required) return ANONYMOUS;
      const credential = readCredential(headers);
      if (credential !== null) {
        const principal = checkKey(credential);
        if (principal) return principal;
        if (checkToken && credential.split('.').length === 3) {
          return checkToken(credential, challenger(headers));
        }
        return deny(
          401,
          'bad-credential',
          UNKNOWN_CREDENTIAL,
          challenger(headers)('invalid_token', UNKNOWN_CREDENTIAL),
        );
      }
      const principal = tlsPeer && checkCertificate(tlsPeer);
      if (principal) return principal;
      if (tlsPeer) return deny(403, 'certificate', 'The client certificate is not one of those let in.');
      return deny(401, 'no-credential', NO_CREDENTIAL, challenger(headers)());
    },
    resourceMetadata(path, host) {
      if (jwt === undefined) return null;
      const scopes = [...new Set([...jwt.requiredScopes, ...Object.keys(jwt.scopeServers ?? {})])];
      return {
        resource: `${base(host)}${path}`,
        authorization_servers: [jwt.issuer],
        ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
        bearer_methods_supported: ['header'],
        resource_name: 'Lockgate',
      };
    },
  };
}

/** `Authorization: Bearer x`, `Authorization: x` or `X-API-Key: x`. */
function readCredential({ authorization, 'x-api-key': apiKey }: IncomingHttpHeaders): string | null {
  const given = authorization ?? (Array.isArray(apiKey) ? apiKey[0] : apiKey);
  if (given === undefined || given.trim() === '') return null;
  return given.replace(/^Bearer\s+/i, '').trim();
}

function createCertificateCheck(entries: readonly ClientCertificateEntry[]): (peer: TlsPeer) => Principal | null {
  const bare = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();
  return (peer) => {
    // With a client CA and no list, every certificate of that CA is let in under its own name.
    const anyOfTheCa = {
      name: `cert:${peer.commonName ?? peer.fingerprint256}`,
      servers: undefined,
      discovery: undefined,
      roles: undefined,
      profile: undefined,
    };
    const match = entries.length === 0 ? anyOfTheCa : entries.find((entry) => matches(entry, peer, bare));
    if (!match) return null;
    const { name, servers, discovery, roles, profile } = match;
    return {
      kind: 'principal',
      name,
      how: 'certificate',
      servers,
      discovery,
      ...(roles && { roles }),
      ...(profile && { profile }),
    };
  };
}

function matches(entry: ClientCertificateEntry, peer: TlsPeer, bare: (fingerprint: string) => string): boolean {
  if (entry.fingerprint256 !== undefined) return bare(entry.fingerprint256) === bare(peer.fingerprint256);
  return entry.commonName === peer.commonName;
}
