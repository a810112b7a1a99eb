import type { SignInLink } from './api.ts';
import { notAvailable } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import { LINK_MS, type SignInLinks } from './sign-in-links.ts';

/**
 * A fresh address that signs in once.
 *
 * @param url - Where clients of MCP connect.
 * @param now - Milliseconds since 1970.
 */
export function makeLink(url: string, links: SignInLinks, now: () => number): SignInLink {
  const base = url.replace(/\/mcp\/?$/, '');
  return { url: `${base}/console/#sign-in=${links.make()}`, validUntil: now() + LINK_MS };
}

/** Gives one to whoever is at the machine itself. */
export function linkHandler(make: () => SignInLink | undefined): ApiHandler {
  return {
    method: 'POST',
    path: 'sign-in-link',
    role: 'operator',
    isLocal: true,
    handle: (): SignInLink => {
      const link = make();
      if (link) return link;
      const remedy = 'Where others reach the gateway too, sign in with an admin key: "admin" in "gateway.auth.apiKeys"';
      throw notAvailable('This gateway takes no sign-in links', remedy);
    },
  };
}
