import { withoutEnvelope } from '../protocol/envelope.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import type { RoutedCall } from './routed-call.ts';

/**
 * The parameters of a call as a server gets them that may not hold what its agent carries: what the guard was asked about, that the call be a task,
 * and nothing else.
 */
export function coveredParams({ params, argumentsAt, asked }: RoutedCall, { era }: Peer): ObjectText | undefined {
  if (!params) return params;
  // The guard of an unknown method is asked about all of them.
  if (!argumentsAt && !asked) return era === 'modern' ? withoutEnvelope(params) : params;
  const covered = asked ? ['taskId'] : argumentsAt === 'arguments' ? ['name', 'arguments'] : (argumentsAt ?? []);
  const rest = [...params.keys()].filter((key) => !covered.includes(key));
  const kept = params.without(...rest);
  // How long a task is wished to be kept is a number of the client's.
  return params.has('task') ? kept.withValue('task', {}) : kept;
}
