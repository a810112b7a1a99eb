const PATIENCE_MS = 60_000;
const TICK_MS = 100;

/**
 * What the promise gives; a hang becomes a failure that says what hung. A passing test never waits for this clock. It counts only time in which the process
 * comes to its timers: on a machine that gives it nothing for longer than all its patience, nothing has hung.
 */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  let left = PATIENCE_MS / TICK_MS;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) late.reject(new Error(`nothing came of it: ${what}`));
  }, TICK_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearInterval(timer);
  }
}
