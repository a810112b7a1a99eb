import { hasScheme, templateMatches } from '../catalog/uri-template.ts';
import type { Peer } from '../protocol/peer.ts';
import type { Endpoint } from './endpoint.ts';
import type { Served } from './served.ts';

/**
 * The servers that may have a resource which none of them lists, such as one that a tool has linked to: those that run, have
 * resources, and use its scheme; where nobody does, those that say nothing of schemes; or the only one that has any. Nobody else is asked.
 */
export async function serversThatMayHave(uri: string, peer: Peer, endpoint: Endpoint): Promise<readonly Served[]> {
  const permission = endpoint.permissionOf(peer.caller);
  const visible = endpoint
    .visibleTo(peer.caller)
    .filter((served) => served.upstream.state === 'running' && permission.allows('resource', served, uri));
  const offers = await Promise.all(visible.map(({ upstream }) => upstream.offer(peer, false)));
  const having = visible.flatMap((served, index) => {
    const offer = offers[index];
    return offer?.capabilities.has('resources') ? [{ served, offer }] : [];
  });
  if (having.length === 1) return having.map(({ served }) => served);
  const scheme = schemeOf(uri);
  const using = having.filter(({ offer: { resources, resourceTemplates } }) => {
    const isSame = (address: string | undefined): boolean => address !== undefined && schemeOf(address) === scheme;
    const lists = resources.some((item) => isSame(item.text('uri')));
    return lists || resourceTemplates.some((item) => isSame(item.text('uriTemplate')));
  });
  // Who may have anything gets nothing that others may have.
  const anything = having.filter(({ offer: { resources, resourceTemplates } }) => {
    const templates = resourceTemplates.map((item) => item.text('uriTemplate') ?? '');
    const fits = templates.some((template) => !hasScheme(template) && templateMatches(template, uri));
    return fits || (resources.length === 0 && templates.length === 0);
  });
  return (using.length > 0 ? using : anything).map(({ served }) => served);
}

function schemeOf(address: string): string {
  return address.slice(0, address.indexOf(':')).toLowerCase();
}
