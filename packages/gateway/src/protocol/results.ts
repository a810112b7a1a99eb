import { MetaKey } from './era.ts';
import { ObjectText } from './frame/object-text.ts';
import { factsOf } from './methods.ts';
import { isKnown, type Peer } from './peer.ts';

const COMPLETE = Buffer.from('"complete"');
const NO_TTL = Buffer.from('0');
const PRIVATE = Buffer.from('"private"');

/**
 * A result as a client of this era gets it. Every modern result says that it is whole, whose it is, and where it may be kept
 * how long; what the server has said of that stays, but that what one caller may see is for all.
 */
export function resultFor(
  { era, caller }: Pick<Peer, 'era' | 'caller'>,
  method: string,
  result: ObjectText,
  serverInfo: ObjectText,
): ObjectText {
  if (era === 'legacy') return result;
  let said = result.has('resultType') ? result : result.with('resultType', COMPLETE);
  if (factsOf(method)?.cacheable && said.text('resultType') === 'complete') {
    if (!Number.isSafeInteger(said.value('ttlMs'))) said = said.with('ttlMs', NO_TTL);
    const scope = said.text('cacheScope');
    const isPublic = scope === 'public' && !isKnown(caller);
    if (!isPublic && scope !== 'private') said = said.with('cacheScope', PRIVATE);
  }
  if (!said.has('_meta')) return said.with('_meta', metaOf(serverInfo));
  const meta = said.object('_meta');
  return !meta || meta.has(MetaKey.serverInfo) ? said : said.with('_meta', meta.with(MetaKey.serverInfo, serverInfo));
}

const metas = new WeakMap<ObjectText, Buffer>();

/** What a result without `_meta` gets: the same bytes for every result of one server. */
function metaOf(serverInfo: ObjectText): Buffer {
  let meta = metas.get(serverInfo);
  if (!meta) {
    meta = ObjectText.EMPTY.with(MetaKey.serverInfo, serverInfo).toBytes();
    metas.set(serverInfo, meta);
  }
  return meta;
}

/** A modern server's result without the mark that it is whole, which each client gets from its own side of the gateway. */
export function withoutMark(result: ObjectText): ObjectText {
  return result.text('resultType') === 'complete' ? result.without('resultType') : result;
}

/** A modern server's result as a legacy client knows results: without what only the modern era says in them. */
export function resultForLegacy(method: string, result: ObjectText): ObjectText {
  let said = factsOf(method)?.cacheable ? result.without('ttlMs', 'cacheScope') : result;
  const meta = said.object('_meta');
  if (!meta?.has(MetaKey.serverInfo)) return said;
  const rest = meta.without(MetaKey.serverInfo);
  const [more] = rest.keys();
  said = more === undefined ? said.without('_meta') : said.with('_meta', rest);
  return said;
}
