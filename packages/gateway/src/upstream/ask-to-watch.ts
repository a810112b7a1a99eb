import { DeadlineError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Connection } from './connection.ts';
import { withinTime } from './within-time.ts';

/** How long a server may take for it. */
export interface WatchLimit {
  readonly server: string;
  readonly timeoutMs: number;
}

/**
 * Asks a legacy server to report updates of a resource, or to report them no longer.
 *
 * @throws the server's error when it refuses; GATEWAY_DEADLINE when it does not answer; the reason of the cancellation.
 */
export async function askToWatch(
  connection: Pick<Connection, 'request'>,
  method: 'resources/subscribe' | 'resources/unsubscribe',
  uri: string,
  { server, timeoutMs }: WatchLimit,
  outer?: Cancellation,
): Promise<void> {
  const late = (): Error => new DeadlineError({ server, method, timeoutMs });
  const message = { method, params: ObjectText.from({ uri }) };
  await withinTime(timeoutMs, late, (cancellation) => connection.request(message, { cancellation }), outer);
}
