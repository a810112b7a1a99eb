import type { ClosingOrder } from '../closing-order.ts';
import { EXIT } from './exit-code.ts';

export interface SignalActions {
  /** Called at the first signal to stop. */
  onStop(signal: NodeJS.Signals): void;
  /** Called at each SIGHUP; where it is undefined, SIGHUP stops like the others. */
  readonly onHangUp: (() => void) | undefined;
  /** Called before a second signal ends the process. */
  readonly onSecond?: () => void;
}

/**
 * Aborts the returned signal at the first SIGTERM or SIGINT; a second one ends the process at once with exit code 1.
 * Listening ends with the stack.
 */
export function stopOnSignals(stack: ClosingOrder, { onStop, onHangUp, onSecond }: SignalActions): AbortSignal {
  const stopping = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      onSecond?.();
      process.exit(EXIT.failed);
    }
    onStop(signal);
    stopping.abort(signal);
  };
  const actions = { SIGTERM: onSignal, SIGINT: onSignal, SIGHUP: onHangUp ?? onSignal };
  for (const [name, action] of Object.entries(actions)) {
    process.on(name, action);
    stack.defer(() => void process.off(name, action));
  }
  return stopping.signal;
}
