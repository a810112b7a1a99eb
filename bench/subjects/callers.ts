/** Lets so many callers make calls one after the other, until all together made `calls`; answers calls per second. */
export async function callsPerSecond(callers: number, calls: number, call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (calls * 1000) / (performance.now() - started);
}

/** Microseconds per call of a caller that waits for each answer. */
export async function microsecondsPerCall(calls: number, call: () => Promise<unknown>): Promise<number> {
  return 1e6 / (await callsPerSecond(1, calls, call));
}
