import type { AgentKey } from './agent-key.ts';

/** One call as the reference monitor sees it. Resources and prompts come as the tools `resources/read` and `prompts/get`. */
export interface CallFacts {
  readonly server: string;
  readonly agent: AgentKey;
  readonly tool: string;
  readonly args: unknown;
  readonly signal: AbortSignal;
}

/** The reference monitor as the pipeline knows it: every call of a server passes it. */
export interface CallMonitor {
  /** Whether any call is looked at: some server has a guard, a policy or a call limit. */
  readonly isActive: boolean;
  /** Whether a guard decides by what is in the calls of this server, so that no two readers may read them differently. */
  readsContents(server: string): boolean;
  /** Lets the call through or throws; gives of its answer what may be given. */
  guarded<T extends object>(call: CallFacts, proceed: () => Promise<T>): Promise<T>;
}
