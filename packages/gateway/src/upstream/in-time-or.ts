/** What `slow` gives, or `instead` where that takes longer than so many milliseconds; `onLate` is told when it comes after all. */
export function inTimeOr<T>(slow: Promise<T>, ms: number, instead: () => T, onLate?: () => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    resolve(instead());
  }, ms);
  slow.then((value) => {
    resolve(value);
    if (isLate) onLate?.();
  }, reject);
  return promise.finally(() => clearTimeout(timer));
}
