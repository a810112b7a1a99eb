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

/** A thread that starts. */
export interface Starting {
  /** Resolves when it is of use, rejects with why it never will be: when it is gone at the latest. */
  readonly up: Promise<void>;
  /** Ends it wherever it is. */
  end(): Promise<void>;
}

export interface StartOptions {
  readonly module: string;
  readonly http: { close(): Promise<void> };
  /** The first that fires before it has started ends it. */
  readonly signals: readonly AbortSignal[];
}

/**
 * A thread, once it has started.
 *
 * @throws the reason of a signal that has fired; RUNTIME_LINK with why it has not started otherwise. Nothing of it is left then, and `http` is closed.
 */
export async function started<T extends Starting>(make: () => T, { module, http, signals }: StartOptions): Promise<T> {
  try {
    throwIfAborted(signals);
    const thread = make();
    await unlessAborted(signals, thread);
    if (signals.some(({ aborted }) => aborted)) await thread.end();
    throwIfAborted(signals);
    return thread;
  } catch (error) {
    await http.close();
    throwIfAborted(signals);
    const { message: reason } = error as Error;
    const mayPass = !(error instanceof UnlinkedError);
    throw new LinkError({ module, reason, ...(mayPass && { mayPass }) }, { cause: error });
  }
}

/** Waits until it has started. A signal ends it, wherever its guest is, and with it the wait. */
async function unlessAborted(signals: readonly AbortSignal[], thread: Starting): Promise<void> {
  const onAbort = (): void => void thread.end();
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  try {
    await thread.up;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  }
}

function throwIfAborted(signals: readonly AbortSignal[]): void {
  for (const signal of signals) signal.throwIfAborted();
}
