import { type Context, createContext, Script } from 'node:vm';

const script = new Script('work()');
let context: Context | undefined;

/**
 * Runs work of which nobody knows how long it takes, in this thread, and ends it after a time: also inside a regular expression.
 *
 * @throws an Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT where it was ended; else what the work throws.
 */
export function withinDeadline<T>(timeoutMs: number, work: () => T): T {
  context ??= createContext();
  context.work = work;
  try {
    return script.runInContext(context, { timeout: timeoutMs }) as T;
  } finally {
    context.work = undefined;
  }
}
