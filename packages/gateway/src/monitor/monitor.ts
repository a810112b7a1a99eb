import type { ResponseLabelling } from '@lockgate/abi';
import { CallLimitError } from '../limits/call-limit-error.ts';
import { StateError } from '../state/state-error.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AgentKey } from './agent-key.ts';
import type { CallFacts } from './call-monitor.ts';
import { type Decision, plain } from './decision.ts';
import { FlowDeniedError, GuardFailedError, type GuardPhase } from './denial.ts';
import { checkFlow, type Operation } from './flow.ts';
import { type AgentLabel, EMPTY_LABEL, type Label, toLabel } from './label.ts';
import type { McpResult } from './payload.ts';
import { type Filtered, filterResponse } from './response-filter.ts';
import type { LabelGuard, Mode, Rule, ServerRule } from './rule.ts';
import type { MonitorSession } from './session.ts';
import { MonitorSessions } from './sessions.ts';

const NO_LABELS: ResponseLabelling = { kind: 'none' };

export interface MonitorOptions {
  /** The rule of a server; the same server may answer with another rule after a change of the configuration. */
  readonly ruleOf: (server: string) => ServerRule;
  /** Holds labels and counts. Where it fails, calls are denied. */
  readonly store: StateStore;
  /** Receives every decision, for the audit log. */
  readonly onDecision?: (decision: Decision) => void;
  readonly now?: () => number;
}

/**
 * The reference monitor: every call of a guarded gateway goes through `guarded`, in the phases of DIFC.md. Whatever goes
 * wrong on the way denies the call.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #sessions: MonitorSessions;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#sessions = new MonitorSessions(options.store, ({ server, policyHash }) => {
      const { rule } = options.ruleOf(server);
      return rule.kind === 'guard' && rule.policyHash === policyHash;
    });
  }

  /** How many sessions have called and not ended. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * Forgets the labels and counts of a session that has ended, once its last call has.
   *
   * @throws GATEWAY_STATE when the store keeps them.
   */
  evict(agent: AgentKey): Promise<void> {
    return this.#sessions.evict(agent);
  }

  /**
   * Gives up the labels and counts of a principal's requests without a session, which only the operator may do; false where there were none.
   *
   * @throws GATEWAY_STATE when the store keeps them.
   */
  reset(principal: string): Promise<boolean> {
    return this.#sessions.reset(principal);
  }

  /**
   * Lets a call through if its labels allow it, and gives of its answer what they allow.
   *
   * @param proceed - Calls the backend; called at most once, and never when the call is denied before.
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_GUARD_FAILED, GATEWAY_TOOL_CALL_LIMIT, GATEWAY_STATE; what `proceed` throws passes.
   */
  async guarded<T extends McpResult>(call: CallFacts, proceed: () => Promise<T>): Promise<T> {
    const session = this.#sessions.of(call.agent);
    const monitored = new MonitoredCall(call, this.#options, session);
    return (await session.during(() => monitored.run(proceed))) as T;
  }
}

/** One call while it goes through the phases. */
class MonitoredCall {
  readonly #call: CallFacts;
  readonly #options: MonitorOptions;
  readonly #session: MonitorSession;
  readonly #server: ServerRule;
  readonly #now: () => number;
  readonly #phaseMs: Record<string, number> = {};
  /** The agent as far as this call knows: before it, and now. */
  #agentBefore: AgentLabel | undefined;
  #agentNow: AgentLabel = EMPTY_LABEL;
  #mode: Mode;
  #operation: Operation | undefined;
  #resource: Label | undefined;

  constructor(call: CallFacts, options: MonitorOptions, session: MonitorSession) {
    this.#call = call;
    this.#options = options;
    this.#session = session;
    this.#server = options.ruleOf(call.server);
    this.#now = options.now ?? (() => performance.now());
    this.#mode = this.#server.mode;
  }

  async run(proceed: () => Promise<McpResult>): Promise<McpResult> {
    const { rule } = this.#server;
    try {
      const guard = await this.#labelAgent(rule);
      const { operation, resource } = await this.#labelResource(rule, guard);
      this.#operation = operation;
      this.#resource = resource;
      await this.#takeCall(operation, resource);
      // From the check to the backend there is no await: a write sees every read that was completed before it.
      const result = await this.#withLabel((label) => {
        this.#checkCoarse(operation, resource, label);
        return this.#timed('backend', proceed);
      });
      if (operation === 'write') return this.#allow(result);
      const labelling =
        guard && this.#wantsLabels(operation) ? await this.#labelResponse(guard, rule, result) : NO_LABELS;
      return await this.#give(result, labelling, resource, rule);
    } catch (error) {
      const deniedBy = whatDenied(error);
      if (deniedBy) this.#decide('denied', { deniedBy, reason: (error as Error).message });
      // What the backend failed with is its own: it was asked, and nothing was withheld.
      else if ('backend' in this.#phaseMs) this.#decide('allowed', {});
      throw error;
    }
  }

  /** The agent's labels as they are now, for something that is decided at once. */
  #withLabel<R>(work: (label: AgentLabel) => R | Promise<R>): Promise<R> {
    return this.#session.withLabel((label) => {
      this.#agentBefore ??= label;
      this.#agentNow = label;
      return work(label);
    });
  }

  /** Takes the call off the tool's limit, if it has one; 0 or absent means none. */
  async #takeCall(operation: Operation, resource: Label): Promise<void> {
    const { server, tool } = this.#call;
    const limits = this.#server.toolCallLimits;
    const limit = Object.hasOwn(limits, tool) ? limits[tool] : undefined;
    if (!limit) return;
    // A call that is denied takes nothing off; the labels are looked at once more afterwards, since counting takes its time.
    await this.#withLabel((label) => this.#checkCoarse(operation, resource, label));
    await this.#session.limits.take(server, tool, limit);
  }

  /** Phase 0: the agent's labels, asked for once per session and policy. */
  async #labelAgent(rule: Rule): Promise<LabelGuard | undefined> {
    if (rule.kind !== 'guard') return undefined;
    const guard = await this.#asking(rule, 'loading', () => rule.guard());
    const { mode, before } = await this.#asking(rule, 'label_agent', () =>
      untilAborted(this.#session.labelOnce(this.#call.server, rule, guard), this.#call.signal),
    );
    this.#mode = mode;
    this.#agentBefore = before;
    this.#agentNow = before;
    return guard;
  }

  /** Phase 1: what is asked for, and how. */
  async #labelResource(rule: Rule, guard: LabelGuard | undefined): Promise<{ operation: Operation; resource: Label }> {
    if (rule.kind === 'sink') return { operation: 'write', resource: { secrecy: rule.accept, integrity: new Set() } };
    if (rule.kind === 'open' || !guard) return { operation: 'read-write', resource: EMPTY_LABEL };
    const { tool, args, signal } = this.#call;
    const { operation, resource } = await this.#asking(rule, 'label_resource', () =>
      guard.labelResource({ tool, args }, { signal }),
    );
    return { operation, resource: toLabel(resource) };
  }

  /** Phase 2: a read goes on in every mode, since its answer may carry finer labels than the resource. */
  #checkCoarse(operation: Operation, resource: Label, agent: AgentLabel): void {
    if (operation === 'read') return;
    const violation = checkFlow(operation, agent, resource);
    if (violation) throw new FlowDeniedError({ server: this.#call.server, tool: this.#call.tool, violation });
  }

  #wantsLabels(operation: Operation): boolean {
    return operation === 'read' || this.#mode !== 'strict';
  }

  /** Phase 4: finer labels, part by part. */
  async #labelResponse(guard: LabelGuard, rule: Rule, result: McpResult): Promise<ResponseLabelling> {
    const { tool, args, signal } = this.#call;
    return await this.#asking(rule, 'label_response', () => guard.labelResponse({ tool, args, result }, { signal }));
  }

  /** Phases 5 and 6. What is given in propagate mode is in the labels before anybody has it. */
  async #give(result: McpResult, labelling: ResponseLabelling, resource: Label, rule: Rule): Promise<McpResult> {
    const filter = (agent: Label): Filtered => {
      try {
        return filterResponse(result, labelling, resource, agent);
      } catch (error) {
        throw this.#failure(rule, 'label_response', error);
      }
    };
    if (this.#mode === 'propagate') {
      const { all } = filter(this.#agentNow);
      if (all) this.#agentNow = await this.#session.fold(all);
      return this.#allow(result);
    }
    const { withheld, total, violation, result: rest, all } = await this.#withLabel(filter);
    if (!violation || (rest && this.#mode === 'filter')) {
      // Of what is withheld no tag counts that the agent does not carry.
      await this.#session.noteGiven([...(all?.secrecy ?? [])].filter((tag) => this.#agentNow.secrecy.has(tag)));
    }
    if (!violation) return this.#allow(rest ?? result);
    if (this.#mode === 'strict' || !rest) {
      const { server, tool } = this.#call;
      throw new FlowDeniedError({ server, tool, violation, withheld });
    }
    this.#decide('filtered', { withheld, total });
    return withNote(rest, withheld, total);
  }

  #allow(result: McpResult): McpResult {
    this.#decide('allowed', {});
    return result;
  }

  #decide(verdict: Decision['verdict'], more: Partial<Decision>): void {
    const { server, tool, agent } = this.#call;
    this.#options.onDecision?.({
      server,
      tool,
      principal: agent.principal,
      session: agent.session,
      mode: this.#mode,
      verdict,
      agent: plain(this.#agentBefore ?? this.#agentNow),
      agentAfter: plain(this.#agentNow),
      ...(this.#operation && { operation: this.#operation }),
      ...(this.#resource && { resource: plain(this.#resource) }),
      phaseMs: this.#phaseMs,
      ...more,
    });
  }

  async #timed<R>(phase: string, work: () => Promise<R>): Promise<R> {
    const started = this.#now();
    try {
      return await work();
    } finally {
      this.#phaseMs[phase] = this.#now() - started;
    }
  }

  /** A guard's failure denies the call; the client's own cancelling and a failure of the state store stay what they are. */
  async #asking<R>(rule: Rule, phase: GuardPhase, work: () => Promise<R>): Promise<R> {
    try {
      return await this.#timed(phase, work);
    } catch (error) {
      if (this.#call.signal.aborted) throw this.#call.signal.reason;
      if (error instanceof StateError) throw error;
      throw this.#failure(rule, phase, error);
    }
  }

  #failure(rule: Rule, phase: GuardPhase, cause: unknown): GuardFailedError {
    const guard = rule.kind === 'guard' ? rule.guardName : rule.kind;
    const reason = cause instanceof Error ? cause.message : 'it gave no reason.';
    return new GuardFailedError({ server: this.#call.server, guard, phase, reason }, { cause });
  }
}

function whatDenied(error: unknown): Decision['deniedBy'] {
  if (error instanceof FlowDeniedError) return 'labels';
  if (error instanceof GuardFailedError) return 'guard';
  if (error instanceof CallLimitError) return 'limit';
  if (error instanceof StateError) return 'state';
  return undefined;
}

/** The promise's answer, unless the signal fires first; what was asked goes on for others who wait for it. */
async function untilAborted<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Says in the answer that something was withheld: a block for the model, and the numbers in `_meta`. */
function withNote(result: McpResult, withheld: number, total: number): McpResult {
  const text = `[Filtered] ${withheld} of ${total} parts of this answer were withheld by the gateway's policy.`;
  const meta = { ...(result._meta as object | undefined), 'lockgate/withheld': withheld };
  const content = Array.isArray(result.content) ? { content: [...result.content, { type: 'text', text }] } : {};
  return { ...result, ...content, _meta: meta };
}
