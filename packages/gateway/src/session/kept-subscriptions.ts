import type { RequestFrame } from '../protocol/frame/frame.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import type { SessionRecord } from '../state/session-record.ts';
import type { RequestWire } from './answer-request.ts';

/** Subscriptions that a session's record has room for, and the longest address of one, in characters. Others end with the gateway that has them. */
const MAX_KEPT = 100;
const MAX_URI_LENGTH = 2_048;

const ON = 'resources/subscribe';
const OFF = 'resources/unsubscribe';

/** The record with or without a subscription; the very same where that changes nothing. */
export function withSubscription(record: SessionRecord, uri: string, isOn: boolean): SessionRecord {
  const { subscriptions = [] } = record;
  const isFull = subscriptions.length >= MAX_KEPT || uri.length > MAX_URI_LENGTH;
  if (subscriptions.includes(uri) === isOn || (isOn && isFull)) return record;
  return { ...record, subscriptions: isOn ? [...subscriptions, uri] : subscriptions.filter((one) => one !== uri) };
}

/** A client whose subscriptions are taken up, or ended, without its asking. */
export interface SubscribedClient {
  readonly peer: Pick<Peer, 'notify'>;
  request(frame: RequestFrame, wire: RequestWire): void;
}

/**
 * Subscribes again, as the client did at a gateway that has ended, and tells it to look: nobody has heard of changes since. What is refused now is not there any more.
 */
export function subscribeAgain(client: SubscribedClient, { subscriptions = [] }: SessionRecord): void {
  for (const uri of subscriptions) subscribe(client, uri, true);
}

/** The same for one resource, of which the gateway before has heard too late to write it down before its session moved here; or its end. */
export function subscribe(client: SubscribedClient, uri: string, isOn: boolean): void {
  const params = ObjectText.from({ uri });
  const frame = { kind: 'request', id: ID, method: isOn ? ON : OFF, params, byteLength: params.byteLength } as const;
  const end: RequestWire['end'] = (answer, error) => {
    if (isOn && answer && !error) client.peer.notify({ method: 'notifications/resources/updated', params });
  };
  client.request(frame, { send: () => undefined, isRead: false, end });
}

const ID = Buffer.from('"lockgate-again"');
