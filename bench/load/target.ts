import type { Era } from './messages.ts';

/** Whom the clients call, and what. */
export interface Target {
  readonly to:
    | { readonly url: string; readonly how: 'http' | 'sse' }
    | { readonly command: string; readonly args: readonly string[] };
  readonly era: Era;
  /** Each has a connection of its own; over a pipe all share the one. */
  readonly clients: number;
  /** The tool's name, or what it ends with where a gateway has put something before it. */
  readonly tool: string;
  /** What the call's one argument holds behind its number. */
  readonly text: string;
}

export interface Opened {
  /** Of the program at the other end of the pipe. */
  readonly pid: number | undefined;
  /** Of what a call gives, without its number: equal for programs that hand on the same. */
  readonly contents: string;
}

/** What one run of many calls came to. */
export interface LoadRun {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the process that makes the calls, in µs a call. */
  readonly loadCpuUs: number;
}

/** What the process that makes the calls can be asked; it answers with the same `seq`. */
export type LoadRequest = { readonly seq: number } & (
  | { readonly open: Target }
  | { readonly run: number; readonly forMs: number; readonly atMost: number }
);

export type LoadAnswer = { readonly seq: number } & (
  | { readonly result: Opened | LoadRun }
  | { readonly error: string }
);
