import { LockgateError } from '@lockgate/abi/without-guests';
import type { Observer, OperatorAction } from '../observer.ts';
import { ApiFailure } from './api-failure.ts';

/** Carries out what an operator asks for and has it written down, with who asked and how it ended, also where it fails. */
export async function accountable<T>(
  observer: Pick<Observer, 'operated'>,
  action: Omit<OperatorAction, 'verdict' | 'reason'>,
  work: () => Promise<T>,
  /** Why it came to nothing though nothing was thrown. */
  reasonOf: (done: T) => string | undefined = () => undefined,
): Promise<T> {
  try {
    const done = await work();
    const reason = reasonOf(done);
    observer.operated({ ...action, verdict: reason === undefined ? 'ok' : 'failed', reason });
    return done;
  } catch (error) {
    const isTold = error instanceof ApiFailure || LockgateError.isInstance(error);
    observer.operated({ ...action, verdict: 'failed', reason: isTold ? error.code : 'INTERNAL' });
    throw error;
  }
}
