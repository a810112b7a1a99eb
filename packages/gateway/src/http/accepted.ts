import type { Accepted } from './reply.ts';

const BOTH: Accepted = { json: true, stream: true };

/** What clients send who take both. */
const USUAL = 'application/json, text/event-stream';

/** What a client takes for an answer. Weights make no difference: there are two kinds, and each is right in its place. */
export function acceptedBy(accept: string | undefined): Accepted {
  if (accept === undefined || accept === USUAL) return BOTH;
  const kinds = accept.split(',').map((kind) => kind.split(';', 1)[0]?.trim().toLowerCase());
  const any = kinds.includes('*/*');
  return {
    json: any || kinds.includes('application/json') || kinds.includes('application/*'),
    stream: any || kinds.includes('text/event-stream') || kinds.includes('text/*'),
  };
}
