import type { Cancellation } from './cancellation.ts';

/** Waits for work that goes on for others, and no longer than it is wanted here: rejects with the reason then. */
export function unlessCancelled<T>(cancellation: Cancellation, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const forget = cancellation.onCancel(reject);
  work.then(resolve, reject);
  return promise.finally(forget);
}
