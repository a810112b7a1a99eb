import { AssertionError } from 'node:assert';

const PATIENCE_MS = 15_000;

/**
 * Gives what the promise gives, or fails with a sentence when that takes 15 s. A passing test never waits for this clock; it turns
 * a hang into a failure that says what hung.
 */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new AssertionError({ message: `${what}: nothing happened within ${PATIENCE_MS / 1000} s` }));
  }, PATIENCE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
