import type { AgentLabelling, ResourceLabelling, ResponseLabelling } from '@lockgate/abi';
import type { Caller } from '../protocol/peer.ts';
import type { AcceptedTags } from './label.ts';

export type Mode = 'strict' | 'filter' | 'propagate';

export interface LabelOptions {
  readonly signal?: AbortSignal;
  /** Whose call it is: what the guard asks of its server it asks with this caller's login, where each has one. */
  readonly caller?: Caller | undefined;
}

/** What the monitor needs of a guard; a loader's handle is one. */
export interface LabelGuard {
  labelAgent(policy: unknown, options?: { readonly signal?: AbortSignal }): Promise<AgentLabelling>;
  labelResource(
    request: { readonly tool: string; readonly args: unknown },
    options?: LabelOptions,
  ): Promise<ResourceLabelling>;
  labelResponse(
    request: { readonly tool: string; readonly args: unknown; readonly result: unknown },
    options?: LabelOptions,
  ): Promise<ResponseLabelling>;
}

/** What stands in front of one server. Source: DIFC.md, "Policies per server". */
export type Rule =
  /** A guard labels agents, requests and answers. */
  | {
      readonly kind: 'guard';
      readonly guardName: string;
      /** The guard in service; rejects while there is none, and the call is denied. */
      readonly guard: () => Promise<LabelGuard>;
      readonly policy: unknown;
      /** Changes with the policy and the guard: every agent is then labelled again, and nothing that was granted before counts. */
      readonly policyHash: string;
    }
  /** An output channel: every call is a write to a resource that holds the accepted secrecy and no other. */
  | { readonly kind: 'sink'; readonly accept: AcceptedTags }
  /** No policy: the public internet. Every call reads and writes it. */
  | { readonly kind: 'open' };

/** A rule with what else the configuration says of its server's calls. */
export interface ServerRule {
  readonly rule: Rule;
  /** Holds where no guard says otherwise. */
  readonly mode: Mode;
  /** Calls of a tool per session; 0 or absent means no limit. The gateway's own; no guard sees them. */
  readonly toolCallLimits: Readonly<Record<string, number>>;
}
