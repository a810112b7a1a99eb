import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKeyEntry } from '../config/auth-section.ts';
import type { Principal } from './principal.ts';

/**
 * The form in which a key is kept: `sha256:` and the digest. Keys have 256 random bits, so a slow password hash would
 * protect nothing more and would let strangers keep the gateway busy.
 */
export function hashApiKey(key: string): string {
  return `sha256:${digest(key).toString('hex')}`;
}

/** Finds whose key it is. Takes the same time whichever entry matches, or none. */
export function createApiKeyCheck(entries: readonly ApiKeyEntry[]): (key: string) => Principal | null {
  const known = entries.map((entry) => ({
    digest: entry.hash === undefined ? digest(entry.key ?? '') : Buffer.from(entry.hash.slice('sha256:'.length), 'hex'),
    principal: {
      kind: 'principal',
      name: entry.name,
      how: 'api-key',
      servers: entry.servers,
      ...(entry.roles && { roles: entry.roles }),
      ...(entry.profile && { profile: entry.profile }),
      ...(entry.admin && { admin: entry.admin }),
      discovery: entry.discovery,
    } as const,
  }));
  return (key) => {
    const given = digest(key);
    let found: Principal | null = null;
    for (const entry of known) if (timingSafeEqual(entry.digest, given)) found ??= entry.principal;
    return found;
  };
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
