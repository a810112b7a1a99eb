import type { Offer } from '../../catalog/offer.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Finding } from '../finding.ts';

/** What one server or plugin offers, under its name in the configuration. */
export interface NamedOffer {
  readonly name: string;
  readonly kind: 'server' | 'plugin';
  readonly offer: Offer;
}

/** Looks at what all that started offer. */
export type OfferProbe = (offers: readonly NamedOffer[], config: GatewayConfig) => readonly Finding[];
