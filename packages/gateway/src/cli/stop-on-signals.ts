import type { ClosingOrder } from '../closing-order.ts';
import { EXIT } from './exit-code.ts';

/**
 * Aborts the returned signal at the first SIGTERM, SIGINT or SIGHUP; a second one ends the process at once with exit
 * code 1. Listening ends with the stack.
 */
export function stopOnSignals(stack: ClosingOrder, onFirst: (signal: NodeJS.Signals) => void): AbortSignal {
  const stopping = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(EXIT.failed);
    onFirst(signal);
    stopping.abort(signal);
  };
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, onSignal);
    stack.defer(() => void process.off(name, onSignal));
  }
  return stopping.signal;
}
