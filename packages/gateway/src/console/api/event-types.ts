import type { Call } from './call-types.ts';
import type { LogLevel, LogLine } from './log-types.ts';
import type { Tick, UpstreamSummary } from './overview-types.ts';

/** Which events are sent; all where `topics` is absent. Lines of the log are filtered as in {@link LogFilter}. */
export interface EventFilter {
  /** With commas. */
  readonly topics?: string;
  readonly level?: LogLevel;
  readonly server?: string;
}

/**
 * The `event` and `data` of what `GET events` sends. Each has an id; with `Last-Event-ID` a stream goes on after it, and without it
 * begins with what comes next.
 *
 * - `gap`: something was missed that is no longer kept, or the gateway has been started anew: ask for everything again.
 * - `end`: the session has ended, or may look no longer; reconnect only after signing in.
 */
export interface Events {
  readonly tick: Tick;
  readonly upstream: UpstreamSummary;
  readonly call: Call;
  readonly log: LogLine;
  readonly gap: { readonly boot: string };
  readonly end: { readonly reason: string };
}
