import { type Context, createContext, Script } from 'node:vm';

const script = new Script('work()');
let context: Context | undefined;

/** Of the time that work is given: what a thread that nothing disturbs has of the processor at least. */
const ENOUGH = 0.7;

/** How often work is begun in all, where the processor was busy with something else meanwhile. */
const MAX_RUNS = 4;

/** Processor time of this thread, in milliseconds; undefined before Node 23.9. */
function threadMs(): number | undefined {
  const used = process.threadCpuUsage?.();
  return used && (used.user + used.system) / 1_000;
}

/**
 * Runs work of which nobody knows how long it takes, in this thread, and ends it after a time: also inside a regular expression. Work that had too little of
 * the processor in that time is begun again, until it has had as much in all, so it must come to the same each time.
 *
 * @throws an Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT where it was ended; else what the work throws.
 */
export function withinDeadline<T>(timeoutMs: number, work: () => T): T {
  context ??= createContext();
  context.work = work;
  const beganMs = threadMs();
  try {
    for (let run = 1; ; run++) {
      try {
        return script.runInContext(context, { timeout: timeoutMs }) as T;
      } catch (error) {
        const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
        const endedMs = isLate && run < MAX_RUNS ? threadMs() : undefined;
        if (beganMs === undefined || endedMs === undefined || endedMs - beganMs >= timeoutMs * ENOUGH) throw error;
      }
    }
  } finally {
    context.work = undefined;
  }
}
