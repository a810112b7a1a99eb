import type { HttpResponse } from './http-contract.ts';

/**
 * Calls back once when an answer is over, whole or because its client has gone; soon where it is already. `close` is told once: whoever
 * listens for it only after something was awaited, as a session that is read from the state store, may have missed it.
 */
export function whenOver(response: Pick<HttpResponse, 'destroyed' | 'once'>, listener: () => void): void {
  if (response.destroyed) queueMicrotask(listener);
  else response.once('close', listener);
}
