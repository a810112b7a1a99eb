import { randomBytes } from 'node:crypto';
import type { ConsoleSources } from './console-sources.ts';
import { Decisions } from './decisions.ts';
import { WatchedCalls } from './watched-calls.ts';

/** What is watched for the console from the gateway's first moment: decisions always, calls where somebody may look at them. */
export interface ConsoleWatch {
  /** Another word after each start. */
  readonly boot: string;
  readonly startedAt: number;
  readonly decisions: Decisions;
  readonly calls: WatchedCalls | undefined;
}

export function openWatch(
  { now, monotonicNow }: Pick<ConsoleSources, 'now' | 'monotonicNow'>,
  watchesCalls: boolean,
): ConsoleWatch {
  const boot = randomBytes(4).toString('hex');
  const decisions = new Decisions(boot, now);
  const calls = watchesCalls
    ? new WatchedCalls({ now, monotonicNow, decisionOf: (call) => decisions.of(call) })
    : undefined;
  return { boot, startedAt: now(), decisions, calls };
}
