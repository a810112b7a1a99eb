import type { DecisionFacts } from './policy-types.ts';

export type Verdict = 'ok' | 'error' | 'denied' | 'filtered' | 'failed' | 'cancelled';

/** Who did what, how long and how it ended. Never arguments, never contents. */
export interface Call {
  readonly id: string;
  readonly startedAt: number;
  readonly isRunning: boolean;
  readonly principal: string;
  /** A tag that stands for the session; absent where there is none. */
  readonly session?: string;
  readonly server?: string;
  readonly method: string;
  /** Name of the tool or prompt, or the address of the resource. */
  readonly target?: string;
  readonly verdict?: Verdict;
  readonly reason?: string;
  readonly durationMs?: number;
  readonly requestBytes?: number;
  readonly responseBytes?: number;
}

export interface CallDetail extends Call {
  /** In order. One may begin within another; what is not covered is the gateway's own work. */
  readonly phases: readonly {
    readonly name: 'route' | 'label_agent' | 'label_resource' | 'backend' | 'label_response';
    readonly startMs: number;
    readonly durationMs: number;
  }[];
  /** What the reference monitor decided. */
  readonly decision?: DecisionFacts;
}

/** All of them are optional, and all that are given must hold. */
export interface CallFilter {
  readonly server?: string;
  /** A part of the name. */
  readonly tool?: string;
  readonly verdict?: Verdict;
  readonly principal?: string;
  readonly from?: number;
  readonly to?: number;
  /** `memory`: what ended since the start, at most the last 1,000, and what runs. `log`: the audit log's file. @default memory */
  readonly source?: 'memory' | 'log';
  /** From 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** Goes on where an answer said {@link CallList.next}. */
  readonly before?: string;
}

export interface CallList {
  /** The newest first; what runs before what has ended. */
  readonly calls: readonly Call[];
  /** Given as `before`, continues the list; absent at its end. */
  readonly next?: string;
  /** Whether there is an audit log to look into. */
  readonly hasLog: boolean;
}
