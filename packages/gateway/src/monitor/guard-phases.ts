import type { ResponseLabelling } from '@lockgate/abi';
import { LockgateError } from '@lockgate/abi/without-guests';
import { StateError } from '../state/state-error.ts';
import { CallLook } from './call-look.ts';
import type { CallFacts, FrameFacts } from './call-monitor.ts';
import { GuardFailedError, type GuardPhase } from './denial.ts';
import { checkFlow, type FlowViolation, type Operation } from './flow.ts';
import type { GuardModes } from './guard-modes.ts';
import { type AgentLabel, EMPTY_LABEL, type Label, toLabel } from './label.ts';
import type { MonitorOptions } from './monitor-options.ts';
import type { McpResult } from './payload.ts';
import type { LabelGuard, Mode, ServerRule } from './rule.ts';
import type { AwaitedGrant, CallSight, Giving, GuardRule, Labelling, MonitorSession } from './session.ts';
import { strictest } from './strictest.ts';

/** What is asked for, and how. */
export interface LabelledResource {
  readonly operation: Operation;
  readonly resource: Label;
}

/** What the phases of one call or frame found out, and how long each took. */
export class GuardPhases {
  readonly spentMs: Record<string, number> = {};
  readonly #facts: CallFacts & Partial<FrameFacts>;
  readonly #options: MonitorOptions;
  readonly #session: MonitorSession;
  /** As it was when the labels were asked for. */
  server: ServerRule;
  mode: Mode;
  #guard: LabelGuard | undefined;
  /** What was granted as this process remembers it, until somebody has looked. */
  #awaited: AwaitedGrant | undefined;
  readonly #seen = new CallLook();
  /** The agent as far as is known here: before, and now. */
  #agentBefore: AgentLabel | undefined;
  #agentNow: AgentLabel = EMPTY_LABEL;

  constructor(facts: CallFacts & Partial<FrameFacts>, options: MonitorOptions, session: MonitorSession) {
    this.#facts = facts;
    this.#options = options;
    this.#session = session;
    this.server = options.ruleOf(facts.server);
    this.mode = this.#modeOf(this.server.mode);
  }

  get agentBefore(): AgentLabel {
    return this.#agentBefore ?? this.#agentNow;
  }

  get agentNow(): AgentLabel {
    return this.#agentNow;
  }

  /** Whether a guard can give finer labels than the resource's. */
  get hasGuard(): boolean {
    return this.#guard !== undefined;
  }

  /**
   * Phases 0 and 1: the agent's labels, asked for once per session and policy, and those of the resource.
   *
   * @param modes - Says the guard's mode where the agent is to be granted nothing.
   */
  async label(modes?: GuardModes): Promise<LabelledResource> {
    this.server = this.#options.ruleOf(this.#facts.server);
    this.mode = this.#modeOf(this.server.mode);
    this.#guard = undefined;
    this.#awaited = undefined;
    this.#seen.forget();
    const { rule } = this.server;
    if (rule.kind === 'sink') return { operation: 'write', resource: { secrecy: rule.accept, integrity: new Set() } };
    if (rule.kind === 'open') return { operation: 'read-write', resource: EMPTY_LABEL };
    const guard = await this.#asking('loading', () => rule.guard());
    this.#guard = guard;
    const { server, tool, args, signal, caller } = this.#facts;
    await this.#asking('label_agent', async () => {
      if (modes) {
        this.mode = this.#modeOf(await modes.of(server, rule, guard));
        return await this.withLabel(() => {});
      }
      await this.#labelAgent(rule, guard);
    });
    const { operation, resource } = await this.#asking('label_resource', () =>
      guard.labelResource({ tool, args }, { signal, caller }),
    );
    return { operation, resource: toLabel(resource) };
  }

  /** Phase 4: finer labels, part by part. */
  async labelResponse(result: McpResult): Promise<ResponseLabelling> {
    const { tool, args, signal, caller } = this.#facts;
    const guard = this.#guard;
    if (!guard) return { kind: 'none' };
    return await this.#asking('label_response', () => guard.labelResponse({ tool, args, result }, { signal, caller }));
  }

  /** The agent's labels as they are now, for something that is decided at once. */
  withLabel<R>(work: (label: AgentLabel) => R | Promise<R>): Promise<R> {
    return this.#session.withLabel((label) => work(this.#known(label)), this.#sight);
  }

  /** The same for what is read, with what the agent is given where its labels do not change. Of what is withheld no tag counts that it does not carry. */
  withGiven<R>(work: (label: AgentLabel) => Giving<R>): Promise<R> {
    return this.#session.withGiven((label) => work(this.#known(label)), this.#sight);
  }

  /** Phase 6. */
  async fold(read: Label): Promise<void> {
    this.#agentNow = await this.#session.fold(read, this.#sight);
    this.#awaited = undefined;
  }

  /**
   * A read of all that carries this label: the violation, or none. Then, in propagate mode, it is in the agent's labels already.
   */
  async read(label: Label): Promise<FlowViolation | undefined> {
    if (this.mode === 'propagate') {
      await this.fold(label);
      return undefined;
    }
    return this.withGiven((agent) => {
      const violation = checkFlow('read', agent, label);
      return { outcome: violation, given: violation ? [] : [...label.secrecy], isLess: violation !== undefined };
    });
  }

  async timed<R>(phase: string, work: () => Promise<R>): Promise<R> {
    const { now = () => performance.now() } = this.#options;
    const started = now();
    try {
      return await work();
    } finally {
      this.spentMs[phase] = now() - started;
    }
  }

  /** The guard could not say what the data is: nothing passes. */
  failure(phase: GuardPhase, cause: unknown): GuardFailedError {
    const { rule } = this.server;
    const guard = rule.kind === 'guard' ? rule.guardName : rule.kind;
    const isRefusal = LockgateError.isInstance(cause) && cause.code === 'ABI_CALL_REFUSED';
    // A guard's words repeat what it was asked about, which may be the server's.
    const isSilent = isRefusal && this.#facts.channel?.direction === 'down';
    const reason = cause instanceof Error && !isSilent ? cause.message : 'it gave no reason.';
    return new GuardFailedError({ server: this.#facts.server, guard, phase, reason, isRefusal }, { cause });
  }

  async #labelAgent(rule: GuardRule, guard: LabelGuard, isAnew = false): Promise<void> {
    const { server, signal } = this.#facts;
    const asked = (): Promise<Labelling> => this.#session.labelOnce(server, rule, guard, isAnew, this.#seen);
    const { mode, before, remembered } = await untilAborted(asked, signal);
    this.mode = this.#modeOf(mode);
    this.#agentBefore ??= before;
    this.#agentNow = before;
    if (!remembered) return;
    const again = (): Promise<void> => this.#asking('label_agent', () => this.#labelAgent(rule, guard, true));
    this.#awaited = { grant: remembered, again };
  }

  /** Labels of now. What was granted has been looked at with them. */
  #known(label: AgentLabel): AgentLabel {
    this.#awaited = undefined;
    this.#agentBefore ??= label;
    this.#agentNow = label;
    return label;
  }

  get #sight(): CallSight {
    return { awaited: this.#awaited, seen: this.#seen };
  }

  /** A profile makes a mode stricter and never laxer: neither what its endpoint is asked for, nor who is limited to it, gets more than elsewhere. */
  #modeOf(mode: Mode): Mode {
    const { profile, caller } = this.#facts;
    if (profile === undefined && caller?.profile === undefined) return mode;
    return strictest([mode, this.#options.atLeast?.([profile, caller?.profile])]) ?? mode;
  }

  /** A guard's failure denies the call; the client's own cancelling and a failure of the state store stay what they are. */
  async #asking<R>(phase: GuardPhase, work: () => Promise<R>): Promise<R> {
    try {
      return await this.timed(phase, work);
    } catch (error) {
      if (this.#facts.signal.aborted) throw this.#facts.signal.reason;
      if (error instanceof StateError) throw error;
      throw this.failure(phase, error);
    }
  }
}

/** What the work answers, unless the signal fires first; what was asked goes on for others who wait for it. */
async function untilAborted<R>(work: () => Promise<R>, signal: AbortSignal): Promise<R> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
