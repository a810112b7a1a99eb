import { names } from './names.ts';
import type { OfferProbe } from './offer-probe.ts';
import { schemas } from './schemas.ts';
import { settings } from './settings.ts';

/** All that is looked at of what servers and plugins offer, in the order in which it is told. */
export const OFFER_PROBES: readonly OfferProbe[] = [schemas, names, settings];
