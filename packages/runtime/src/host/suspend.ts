/** Suspending and promising, as the JavaScript promise integration of WebAssembly has them; TypeScript lacks them. */
interface Jspi {
  readonly Suspending: new <A extends unknown[]>(wait: (...args: A) => Promise<unknown>) => WebAssembly.ImportValue;
  readonly promising: <A extends unknown[], R>(exported: (...args: A) => R) => (...args: A) => Promise<R>;
}

const jspi = WebAssembly as unknown as Partial<Jspi>;

/** Whether this engine can suspend WebAssembly: Node 24.21 and newer can, 22 cannot. */
export const canSuspend: boolean = typeof jspi.Suspending === 'function' && typeof jspi.promising === 'function';

/** Makes an import that waits out of an asynchronous function. @throws TypeError without JSPI. */
export function suspending<A extends unknown[]>(wait: (...args: A) => Promise<unknown>): WebAssembly.ImportValue {
  if (!jspi.Suspending) throw new TypeError('This engine has no WebAssembly.Suspending.');
  return new jspi.Suspending(wait);
}

/** Makes an export that answers with a promise, so that imports below it may wait. @throws TypeError without JSPI. */
export function promising<A extends unknown[], R>(exported: (...args: A) => R): (...args: A) => Promise<R> {
  if (!jspi.promising) throw new TypeError('This engine has no WebAssembly.promising.');
  return jspi.promising(exported);
}
