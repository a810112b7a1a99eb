import type { StateStore } from '../state/state-store.ts';
import type { Decision } from './decision.ts';
import type { Mode, ServerRule } from './rule.ts';

export interface MonitorOptions {
  /** The rule of a server; the same server may answer with another rule after a change of the configuration. */
  readonly ruleOf: (server: string) => ServerRule;
  /** The mode that calls by way of these profiles have where no stricter one holds: of the endpoint, of the caller. @default none */
  readonly atLeast?: (profiles: readonly (string | undefined)[]) => Mode | undefined;
  /** Holds labels and counts. Where it fails, calls are denied. */
  readonly store: StateStore;
  /** Milliseconds that records of a session live unless they are renewed. @default without an end */
  readonly sessionTtlMs?: number | undefined;
  /** Receives every decision, for the audit log. */
  readonly onDecision?: (decision: Decision) => void;
  readonly now?: () => number;
}
