import type {
  AgentLabelling,
  ResourceLabelling,
  ResourceRequest,
  ResponseLabelling,
  ResponseRequest,
} from '@lockgate/abi';
import type { ModuleStats } from '../module-stats.ts';
import type { CloseOptions } from '../plugin/plugin.ts';

/** How one guard call may be watched and ended. */
export interface GuardCallOptions {
  /** Ends the call, waiting or running, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Called synchronously at the moment the call leaves the queue and enters the guest; never for a call that does not. */
  readonly onStart?: () => void;
  /** Handed to `callBackend` as it is, with every call of the guarded server that this call leads to: on whose behalf it is made. */
  readonly caller?: unknown;
}

export type GuardStats = ModuleStats;

/**
 * A loaded guard: a guest that labels requests and responses and decides nothing. It fails closed: whatever goes wrong,
 * the call rejects and gives no labels. Source: ABI.md §2.
 */
export interface Guard extends AsyncDisposable {
  readonly name: string;
  /** Labels the agent under a policy. The last accepted policy is replayed on every instance that starts later. */
  labelAgent(policy: unknown, options?: GuardCallOptions): Promise<AgentLabelling>;
  labelResource(request: ResourceRequest, options?: GuardCallOptions): Promise<ResourceLabelling>;
  labelResponse(request: ResponseRequest, options?: GuardCallOptions): Promise<ResponseLabelling>;
  /** Whether the guard can take a call: open and not in a crash loop. It has no export to ask. Never rejects. */
  healthy(): Promise<boolean>;
  /** Turns waiters away at once, lets running calls finish for `drainMs`, then ends them. Idempotent and shared. */
  close(options?: CloseOptions): Promise<void>;
  stats(): Promise<GuardStats>;
  [Symbol.asyncDispose](): Promise<void>;
}
