/** What a script asks the gateway for. */
export type AskedFor = 'call' | 'search' | 'types';

/** What one run may use up inside its thread. */
export interface ThreadLimits {
  readonly maxProcessorMs: number;
  readonly maxCalls: number;
  readonly maxParallelCalls: number;
  readonly maxOutputBytes: number;
}

/** A limit that a script has run into. */
export type ScriptLimit = 'source' | 'time' | 'processor' | 'memory' | 'calls' | 'output' | 'waiting';

/** How a run ended, and what it wrote to its console. */
export type ScriptOutcome = ScriptEnd & { readonly logs: readonly string[] };

export type ScriptEnd =
  /** `text` is JSON, or the very text where the script returned one; undefined where it returned nothing. */
  | { readonly kind: 'returned'; readonly text: string | undefined }
  /** What it threw, in words. */
  | { readonly kind: 'threw'; readonly text: string }
  | { readonly kind: 'limit'; readonly limit: ScriptLimit };

/** What a thread is started with. */
export interface ThreadSetup {
  readonly engine: WebAssembly.Module;
  readonly maxMemoryBytes: number;
}

/** To a thread. What crosses the border to the script and back is text. */
export type ToThread =
  | { readonly type: 'run'; readonly code: string; readonly limits: ThreadLimits }
  /** The answer to an `ask`: JSON in UTF-8. */
  | { readonly type: 'answer'; readonly id: number; readonly ok: boolean; readonly json: Uint8Array }
  | { readonly type: 'stop' };

/** From a thread. */
export type FromThread =
  /** A sandbox that nothing has run in waits for a script, in the thread that the system knows by this number; 0 where it is not said. */
  | { readonly type: 'ready'; readonly threadNumber: number }
  | { readonly type: 'ask'; readonly id: number; readonly what: AskedFor; readonly name: string; readonly json: string }
  | { readonly type: 'ended'; readonly outcome: ScriptOutcome };
