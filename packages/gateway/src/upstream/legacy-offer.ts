import type { Offer } from '../catalog/offer.ts';
import { resultForLegacy } from '../protocol/results.ts';
import { toolForLegacy } from '../protocol/structured-content.ts';
import type { LeftOut } from './left-out.ts';

const offers = new WeakMap<Offer, Offer>();

/** What a modern server offers, as legacy clients know and take tools and lists; made once for each offer. */
export function legacyOffer(offer: Offer, leftOut: LeftOut): Offer {
  const known = offers.get(offer);
  if (known) return known;
  const metadata = Object.entries(offer.listMetadata).map(([list, text]) => [
    list,
    resultForLegacy('tools/list', text),
  ]);
  const tools = leftOut.rest('tools', offer.tools.map(toolForLegacy), 'legacy');
  const made = { ...offer, tools, listMetadata: Object.fromEntries(metadata), original: offer };
  offers.set(offer, made);
  return made;
}
