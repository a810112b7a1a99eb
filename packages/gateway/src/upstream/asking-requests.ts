import { Cancellation } from '../protocol/cancellation.ts';
import type { Message } from '../protocol/message.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';
import type { PendingRequest } from './pending-request.ts';

/** Ends when the last of these requests has: a question on behalf of one of them is wanted no longer. Without any, it ends with nothing. */
export function whileAny(requests: readonly PendingRequest[]): {
  readonly cancellation: Cancellation;
  readonly detach: () => void;
} {
  const cancellation = new Cancellation();
  let running = requests.length;
  const ended = (reason: unknown): void => {
    if (--running === 0) cancellation.cancel(reason);
  };
  const forget = requests.map(({ over }) => over.onCancel(ended));
  return { cancellation, detach: () => forget.forEach((one) => void one()) };
}

/**
 * Pauses the deadlines of requests of one client that wait while it is asked something that it takes: which of them the server works on,
 * nobody can tell. The returned function starts them again.
 */
export function holdAll(requests: readonly PendingRequest[], { method, params }: Message): () => void {
  const capabilities = requests.at(-1)?.exchange?.peer.capabilities;
  if (!capabilities || whyNotAsked(method, params?.text('mode'), capabilities)) return () => {};
  const releases = requests.map(({ exchange }) => exchange?.hold?.());
  return () => releases.forEach((release) => void release?.());
}
