import { Cancellation } from '../protocol/cancellation.ts';

/**
 * Does what may take so many milliseconds and no longer. The cancellation that the work gets ends then, or with `outer`.
 *
 * @param late - Makes the reason that the cancellation has when the time is over.
 */
export async function withinTime<T>(
  timeoutMs: number,
  late: () => Error,
  work: (cancellation: Cancellation) => Promise<T>,
  outer: Cancellation = new Cancellation(),
): Promise<T> {
  const cancellation = Cancellation.within(outer);
  const timer = setTimeout(() => cancellation.cancel(late()), timeoutMs);
  try {
    return await work(cancellation);
  } finally {
    clearTimeout(timer);
    cancellation.detach();
  }
}
