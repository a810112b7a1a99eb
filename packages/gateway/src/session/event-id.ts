/** Ids of requests that an event may name: those of nearly all clients. */
const PLAIN_ID = /^(?:"[ !#-[\]-~]{0,62}"|-?\d{1,20})$/;

/**
 * The name of a stream, with which the ids of its events begin. Where several gateways share a session, it says who has the stream, and which request it
 * answers: whoever is asked for it when that gateway has ended can at least say so.
 *
 * @param request - JSON of the request's id; none for the session's own stream.
 */
export function streamName(count: number, replica: string | undefined, request?: Buffer): string {
  const number = count.toString(36);
  if (replica === undefined) return number;
  const isPlain = request !== undefined && PLAIN_ID.test(request.toString('latin1'));
  return `${replica}-${number}${isPlain ? `.${request.toString('hex')}` : ''}`;
}

/** Whether an event came on its session's own stream, which a client finds wherever the session is at home. */
export function isOfOwnStream(eventId: string): boolean {
  return /^[0-9a-f]{12}-0_/.test(eventId);
}

/** JSON of the id of the request that an event belongs to, where it says so. */
export function requestOfEvent(eventId: string): Buffer | undefined {
  const [, hex] = /^[0-9a-f]{12}-[0-9a-z]+\.((?:[0-9a-f]{2}){1,64})_/.exec(eventId) ?? [];
  const id = hex === undefined ? undefined : Buffer.from(hex, 'hex');
  return id && PLAIN_ID.test(id.toString('latin1')) ? id : undefined;
}

/** The stream and the number of an event; undefined for what is no id of one. */
export function partsOfEventId(eventId: string): { readonly stream: string; readonly number: number } | undefined {
  const [, stream, number] =
    /^((?:[0-9a-f]{12}-)?[a-z0-9]{1,32}(?:\.[0-9a-f]{2,128})?)_(\d{1,15})$/.exec(eventId) ?? [];
  return stream === undefined ? undefined : { stream, number: Number(number) };
}
