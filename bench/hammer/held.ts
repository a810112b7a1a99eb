import { readdirSync } from 'node:fs';
import { turns } from './turns.ts';

const SETTLE_MS = 10_000;
const LOOK_TURNS = 50;

/** What the process holds. */
export interface Held {
  readonly rssBytes: number;
  /** File descriptors and threads; 0 where there is no `/proc`. */
  readonly files: number;
  readonly threads: number;
  /** Timers, sockets, ports and the like that keep a process alive. */
  readonly handles: number;
}

/** What is held now, all garbage collected. */
export function heldNow(): Held {
  collectGarbage();
  return {
    rssBytes: process.memoryUsage.rss(),
    files: count('/proc/self/fd'),
    threads: count('/proc/self/task'),
    handles: process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length,
  };
}

/** The same once it is no more than before, or the time for that is over: threads take theirs to end. */
export async function heldAfter(before: Held): Promise<Held> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const now = heldNow();
    const isBack = (['files', 'threads', 'handles'] as const).every((name) => now[name] <= before[name]);
    if (isBack || performance.now() > until) return now;
    await turns(LOOK_TURNS);
  }
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('start it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
}

function count(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0; // not Linux
  }
}
