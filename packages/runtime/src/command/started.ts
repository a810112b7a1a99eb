import { LinkError } from '../errors.ts';
import { canSuspend } from '../host/suspend.ts';

/** The parts of a guest do not fit together: no start of the same bytes can succeed. */
export class UnlinkedError extends Error {}

/** @throws RUNTIME_LINK where this engine cannot run a component that serves HTTP */
export function requireSuspension(module: string): void {
  if (canSuspend) return;
  const reason = `a component that serves HTTP needs JSPI, which Node ${process.versions.node} does not have; use 24.21 or newer`;
  throw new LinkError({ module, reason });
}

/** Waits until a thread has started; the signal ends it, and with it the wait. */
export async function unlessAborted(
  signal: AbortSignal,
  thread: { end(): Promise<void> },
  up: Promise<void>,
): Promise<void> {
  const onAbort = (): void => void thread.end();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await up;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What starts, once it has started. @throws RUNTIME_LINK with why it has not; `http` is closed then */
export async function started<T>(
  starting: Promise<T>,
  { module, http }: { readonly module: string; readonly http: { close(): Promise<void> } },
): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    await http.close();
    const { message: reason } = error as Error;
    const mayPass = !(error instanceof UnlinkedError);
    throw new LinkError({ module, reason, ...(mayPass && { mayPass }) }, { cause: error });
  }
}
