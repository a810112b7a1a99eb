import type { Upstream } from './upstream.ts';

/** How long somebody who lists tools waits for what is offered to them alone, in milliseconds. */
const FIRST_OFFER_MS = 3_000;

/** Waits for the first attempt of a server, and not for long. */
export async function settledSoon({ settled }: Pick<Upstream, 'settled'>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FIRST_OFFER_MS);
  await Promise.race([settled, late]);
  clearTimeout(timer);
}
