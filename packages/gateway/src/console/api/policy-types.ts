import type { CallAnswer, CallRequest } from './tool-types.ts';

export interface Labels {
  readonly secrecy: readonly string[];
  readonly integrity: readonly string[];
}

export interface Policy {
  /** False where no server has a guard, a policy or a call limit: then nothing is labelled. */
  readonly isActive: boolean;
  readonly guardsMode: 'strict' | 'filter' | 'propagate';
  readonly servers: readonly PolicyServer[];
  readonly agents: readonly Agent[];
  /** What the newest decisions have read, by server and labels, the newest first, at most 100. */
  readonly readings: readonly Reading[];
  /** The newest first, at most 100. */
  readonly decisions: readonly DecisionFacts[];
}

export interface PolicyServer {
  readonly name: string;
  readonly kind: 'server' | 'plugin';
  /** `guard`: a guard labels all of it. `sink`: an output channel. `open`: the public internet. */
  readonly rule: 'guard' | 'sink' | 'open';
  readonly guard?: string;
  readonly failure?: string;
  /** Secrecy that a sink takes; patterns end with `*`. */
  readonly accepts?: readonly string[];
  /** What the guard is given as its policy, as JSON. */
  readonly policy?: unknown;
  /** Calls of a tool for each session. */
  readonly limits: Readonly<Record<string, number>>;
}

/** Whether an agent could write somewhere. `asked`: its guard decides by what is written. */
export interface MayWrite {
  readonly server: string;
  readonly verdict: 'allowed' | 'denied' | 'asked';
  /** Tags of the agent that the server may not hold. */
  readonly secrecy: readonly string[];
}

/** One agent of the reference monitor: a principal in a session, or all its requests without one. */
export interface Agent extends Labels {
  readonly principal: string;
  /** A tag that stands for the session. */
  readonly session?: string;
  readonly client?: { readonly name?: string; readonly version?: string };
  readonly writes: readonly MayWrite[];
}

/** After this was read, who may be written to. The flow picture has a row for each. */
export interface Reading extends Labels {
  readonly server: string;
  /** The tool that was read last with these labels, and when. */
  readonly tool: string;
  readonly time: number;
  readonly writes: readonly MayWrite[];
}

/** One decision of the reference monitor. Tags and counts, never contents. */
export interface DecisionFacts {
  readonly id: string;
  readonly time: number;
  readonly principal: string;
  readonly session?: string;
  readonly server: string;
  readonly tool: string;
  readonly mode: 'strict' | 'filter' | 'propagate';
  readonly verdict: 'allowed' | 'filtered' | 'denied';
  /** A frame beside the calls, and which way it went. */
  readonly channel?: { readonly direction: 'up' | 'down'; readonly method: string };
  readonly operation?: 'read' | 'write' | 'read-write';
  readonly deniedBy?: 'labels' | 'guard' | 'limit' | 'state' | 'channel';
  readonly reason?: string;
  readonly agent: Labels;
  readonly agentAfter: Labels;
  readonly resource?: Labels;
  readonly withheld?: number;
  readonly total?: number;
  readonly phaseMs: Readonly<Record<string, number>>;
}

export interface ExplainRequest {
  /** Id of a decision. */
  readonly decision: string;
}

export interface ExplainedDecision {
  readonly decision: DecisionFacts;
  /** One sentence for each step, in order. */
  readonly steps: readonly { readonly title: string; readonly text: string }[];
  /** What would have to change for another outcome; absent where nothing was withheld. */
  readonly remedy?: string;
}

/** The calls are real: where the monitor allows one, its server carries it out. They share one session, which ends with them. */
export interface TryRequest {
  /** From 1 to 20. */
  readonly calls: readonly CallRequest[];
}

export interface TryAnswer {
  readonly calls: readonly (CallAnswer & {
    readonly tool: string;
    readonly decision?: DecisionFacts;
    /** Frames beside the call. */
    readonly frames: readonly DecisionFacts[];
  })[];
}
