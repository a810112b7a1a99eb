import type { IncomingHttpHeaders } from 'node:http';

/** What a server asks for where it refuses a request for its credential. Source: RFC 6750, section 3; RFC 9728, section 5.1. */
export interface Challenge {
  /** Where it says that its metadata is. */
  readonly metadata: string | undefined;
  readonly scopes: readonly string[] | undefined;
  /** Such as `invalid_token` and `insufficient_scope`. */
  readonly error: string | undefined;
}

/** Longer ones are cut: a header is read before anything is known of its writer. */
const MAX_LENGTH = 8_192;

const PARAMETER = /([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The parameters of the scheme `Bearer`, or of `DPoP`, in a `WWW-Authenticate`. */
export function readChallenge(headers: IncomingHttpHeaders): Challenge {
  const text = String(headers['www-authenticate'] ?? '').slice(0, MAX_LENGTH);
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  return {
    metadata: found.get('resource_metadata'),
    scopes: found
      .get('scope')
      ?.split(' ')
      .filter((scope) => scope !== ''),
    error: found.get('error'),
  };
}
