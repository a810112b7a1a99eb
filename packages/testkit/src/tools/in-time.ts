import { AssertionError } from 'node:assert';

let patienceMs = 15_000;

/** How long every suite waits before it takes something for hung, in milliseconds. @default 15_000 */
export function setPatience(milliseconds: number): void {
  patienceMs = milliseconds;
}

/**
 * Gives what the promise gives, or fails with a sentence when that takes too long (`setPatience`). A passing test never waits for this clock; it turns
 * a hang into a failure that says what hung and, where it is known, what to do about it.
 */
export async function inTime<T>(promise: Promise<T>, what: string, remedy?: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const advice = remedy === undefined ? '' : `. ${remedy}`;
    late.reject(new AssertionError({ message: `${what}: nothing happened within ${patienceMs / 1000} s${advice}` }));
  }, patienceMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
