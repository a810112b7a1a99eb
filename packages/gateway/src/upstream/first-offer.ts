import type { Offer } from '../catalog/offer.ts';
import { DiagnosedError } from '../diagnosis.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Connection } from './connection.ts';
import type { LeftOut } from './left-out.ts';
import { readOffer } from './read-offer.ts';
import { withinTime } from './within-time.ts';

export interface FirstOfferOptions {
  /** How long the lists may take, in milliseconds: the entry's "connectTimeoutMs". */
  readonly connectTimeoutMs: number;
  readonly leftOut: LeftOut;
  readonly cancellation: Cancellation;
}

/**
 * Reads all lists of a server that has just been connected to.
 *
 * @throws DiagnosedError when it takes too long; what reading them throws.
 */
export function readFirstOffer(
  connection: Connection,
  { connectTimeoutMs, leftOut, cancellation: outer }: FirstOfferOptions,
): Promise<Offer> {
  const problem = `it did not answer with its lists within ${connectTimeoutMs} ms`;
  const late = (): Error => new DiagnosedError({ problem, remedy: 'raise its "connectTimeoutMs"' });
  const read = (cancellation: Cancellation): Promise<Offer> => readOffer(connection, { cancellation, leftOut });
  return withinTime(connectTimeoutMs, late, read, outer);
}
