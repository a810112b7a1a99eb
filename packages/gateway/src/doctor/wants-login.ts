import { published } from './published.ts';

/**
 * Whether a server publishes where to log in. Source: RFC 9728 and RFC 8414, as the MCP specification, "Authorization", has clients look.
 */
export async function wantsLogin(url: URL): Promise<boolean> {
  const path = url.pathname === '/' ? '' : url.pathname;
  const places = [
    `/.well-known/oauth-protected-resource${path}`,
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-authorization-server',
  ];
  const found = await Promise.all([...new Set(places)].map((place) => published(new URL(place, url))));
  return found.some((text) => text !== undefined);
}
