import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { JwtSection } from '../config/auth-section.ts';
import { adminOf } from './admin-of.ts';
import type { Fetch } from './ask-issuer.ts';
import { claimValues } from './claim-values.ts';
import { IssuerKeys, IssuerUnreachableError } from './issuer-keys.ts';
import { type Denial, deny, type Principal } from './principal.ts';
import { profileOfValues } from './profile-of-values.ts';
import { rolesOfValues } from './roles-of-values.ts';

/** The headers that tell a client how to come back with a better token. */
export type Challenge = (error?: string, description?: string, scope?: string) => Readonly<Record<string, string>>;

/** Told of each token that somebody came in with, and when it ends, in milliseconds since 1970. */
export type OnToken = (principal: Principal, token: string, until: number) => void;

export type TokenCheck = (token: string, challenge: Challenge) => Promise<Principal | Denial>;

/**
 * Judges bearer tokens: signature by the issuer's published keys, `iss`, `aud`, `exp`, and scopes. An issuer that cannot
 * be reached is a 503, not a 401.
 * Source: MCP specification, "Authorization"; RFC 9068, RFC 6750.
 *
 * @param now - Milliseconds that only go up.
 */
export function createTokenCheck(jwt: JwtSection, fetch: Fetch, now: () => number, onToken?: OnToken): TokenCheck {
  const keys = new IssuerKeys(jwt, fetch, now);
  return async (token, challenge) => {
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(token, keys.find, {
        issuer: jwt.issuer,
        audience: jwt.audience,
        algorithms: [...jwt.algorithms],
        clockTolerance: jwt.clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
      payload = verified.payload;
    } catch (error) {
      // What is not jose's own is a key of the issuer that no token can be checked with.
      if (error instanceof IssuerUnreachableError || !(error instanceof errors.JOSEError)) {
        return deny(503, 'issuer-unreachable', "The authorization server's keys cannot be fetched; try later.", {
          'retry-after': '5',
        });
      }
      const description = describe(error);
      return deny(401, 'bad-token', description, challenge('invalid_token', description));
    }
    // jose asks that it is there, not that it names anybody: two subjects without a name would be one principal.
    const { sub } = payload;
    if (typeof sub !== 'string' || sub.trim() === '') {
      const description = 'The token\'s "sub" is not as required.';
      return deny(401, 'bad-token', description, challenge('invalid_token', description));
    }
    const judged = judgeScopes(sub, payload, jwt, challenge);
    if (judged.kind === 'principal') onToken?.(judged, token, Number(payload.exp) * 1_000);
    return judged;
  };
}

function judgeScopes(subject: string, payload: JWTPayload, jwt: JwtSection, challenge: Challenge): Principal | Denial {
  const scopes = scopesOf(payload);
  const missing = jwt.requiredScopes.filter((scope) => !scopes.has(scope));
  const opened = jwt.scopeServers && Object.entries(jwt.scopeServers).filter(([scope]) => scopes.has(scope));
  if (missing.length > 0 || opened?.length === 0) {
    const needed = missing.length > 0 ? jwt.requiredScopes : Object.keys(jwt.scopeServers ?? {});
    const description = `The token lacks a scope: ${(missing.length > 0 ? missing : needed).join(', ')}.`;
    return deny(403, 'scope', description, challenge('insufficient_scope', description, needed.join(' ')));
  }
  const servers = opened && [...new Set(opened.flatMap(([, names]) => names))];
  const admin = jwt.admin && adminOf(payload, jwt.admin);
  const roles = jwt.roles && rolesOfValues(claimValues(payload, jwt.roles.claim), jwt.roles.values);
  if (roles?.length === 0 && !admin) {
    return deny(403, 'role', `The token's "${jwt.roles?.claim}" has no value that opens something here.`);
  }
  const profile = jwt.profile && profileOfValues(claimValues(payload, jwt.profile.claim), jwt.profile.values);
  const isBeyond = jwt.profile !== undefined && profile === undefined;
  if (isBeyond && !admin) {
    return deny(403, 'profile', `The token's "${jwt.profile?.claim}" has no value that opens something here.`);
  }
  return {
    kind: 'principal',
    name: `jwt:${subject}`,
    how: 'jwt',
    servers,
    ...(roles && { roles }),
    // It opens the console and nothing else: what no profile limits is not everything.
    ...(isBeyond ? { roles: [] } : profile !== undefined && { profile }),
    ...(admin && { admin, validUntil: Number(payload.exp) * 1_000 }),
  };
}

function scopesOf(payload: JWTPayload): ReadonlySet<string> {
  const { scope, scp } = payload as { scope?: unknown; scp?: unknown };
  const listed = Array.isArray(scp) ? scp : typeof scp === 'string' ? scp.split(' ') : [];
  return new Set([...(typeof scope === 'string' ? scope.split(' ') : []), ...listed].filter((item) => item !== ''));
}

/** jose's own sentences say which claim failed and never hold the token. */
function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's "${error.claim}" is not as required.`;
  if (error instanceof errors.JWKSNoMatchingKey) return "The token's key is not one of the issuer's.";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature is wrong.";
  if (error instanceof errors.JOSEAlgNotAllowed) return "The token's algorithm is not allowed.";
  return 'The token cannot be read.';
}
