import type { IsInForce } from './agent.ts';
import type { AgentKey } from './agent-key.ts';
import type { CallFacts, CallFrames, FrameFacts, GivenFacts } from './call-monitor.ts';
import { type Channel, type Decision, type PlainLabel, plain } from './decision.ts';
import { FlowDeniedError } from './denial.ts';
import { checkFlow } from './flow.ts';
import { GuardModes } from './guard-modes.ts';
import { EMPTY_LABEL, type Label } from './label.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { MonitoredCall } from './monitored-call.ts';
import { MonitoredFrame } from './monitored-frame.ts';
import type { McpResult } from './payload.ts';
import { RunningCalls } from './running-calls.ts';
import { ScriptReads } from './script-reads.ts';
import { MonitorSessions } from './sessions.ts';

/** An agent with its labels; what it was given counts as secrecy. */
export interface LabelledAgent extends AgentKey {
  readonly label: PlainLabel;
}

/**
 * The reference monitor: every call of a guarded gateway goes through `guarded`, in the phases of DIFC.md, and every frame that belongs to none
 * through `frame`, by the table of channels. Whatever goes wrong on the way denies.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #sessions: MonitorSessions;
  readonly #running = new RunningCalls();
  readonly #modes = new GuardModes();
  readonly #scripts = new WeakMap<object, ScriptReads>();

  constructor(options: MonitorOptions) {
    this.#options = options;
    const isInForce: IsInForce = ({ server, policyHash }) => {
      const { rule } = options.ruleOf(server);
      return rule.kind === 'guard' && rule.policyHash === policyHash;
    };
    this.#sessions = new MonitorSessions(
      options.store,
      isInForce,
      options.now ?? (() => performance.now()),
      options.sessionTtlMs,
    );
  }

  /** How many sessions have called and not ended. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * The agents that have called last and not ended, with the labels that they have now.
   *
   * @throws GATEWAY_STATE when the store does not answer.
   */
  agents(most: number): Promise<readonly LabelledAgent[]> {
    const newest = this.#sessions.all.slice(-most);
    return Promise.all(
      newest.map(async ([key, session]) => ({ ...key, label: await session.withLabel((label) => plain(label)) })),
    );
  }

  /**
   * Forgets the labels and counts of a session that has ended, once its last call has.
   *
   * @throws GATEWAY_STATE when the store keeps them.
   */
  async evict(agent: AgentKey): Promise<void> {
    await this.#sessions.evict(agent);
    this.#running.forget(agent);
  }

  /** Forgets what lives here of a session that may go on in another process, once its last call has ended. */
  async letGo(agent: AgentKey): Promise<void> {
    await this.#sessions.letGo(agent);
    this.#running.forget(agent);
  }

  /**
   * The session of an agent goes on: so do its labels and counts.
   *
   * @throws GATEWAY_STATE when that cannot be told the store.
   */
  renew(agent: AgentKey): Promise<void> {
    return this.#sessions.renew(agent);
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
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_GUARD_FAILED, GATEWAY_TOOL_CALL_LIMIT, GATEWAY_STATE; what `proceed` throws passes, where the agent may read
   * what it says.
   */
  async guarded<T extends McpResult>(call: CallFacts, proceed: (frames: CallFrames) => Promise<T>): Promise<T> {
    const session = this.#sessions.of(call.agent);
    const untied = (channel: Channel, about: readonly Label[]): Promise<void> => {
      const { server, agent, caller, profile, signal } = call;
      return this.frame({
        server,
        agent,
        caller,
        profile,
        signal,
        channel,
        about,
        tool: channel.method,
        args: {},
        checks: 'read',
      });
    };
    const reads = call.script && this.#readsOf(call.script);
    const monitored = new MonitoredCall(call, this.#options, session, this.#running, untied, reads);
    return (await session.during(() => monitored.run(proceed))) as T;
  }

  /**
   * Lets an agent have what a script of its own has made of what it was given: a read of all of that.
   *
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_STATE.
   */
  async giveResult(agent: AgentKey, script: object): Promise<void> {
    const reads = this.#scripts.get(script);
    if (!reads) return;
    const session = this.#sessions.of(agent);
    const denied = await session.during(() => reads.readAgain(session));
    if (!denied) return;
    const { server, mode, violation } = denied;
    const error = new FlowDeniedError({ server, tool: 'run_script', violation, at: 'answer' });
    this.#denied({ server, tool: 'run_script', ...agent, mode, deniedBy: 'labels', reason: error.message });
    throw error;
  }

  /**
   * Lets an agent read again what it was given. What it was granted may have gone since, and what it demands may have grown; in no mode it is given more than its
   * labels of now allow.
   *
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_STATE.
   */
  async again({ server, agent, tool, label, script }: GivenFacts): Promise<void> {
    const session = this.#sessions.of(agent);
    await session.during(async () => {
      const { now, violation } = await session.withGiven((agent) => {
        const denied = checkFlow('read', agent, label);
        const outcome = { now: plain(agent), violation: denied };
        return { outcome, given: denied ? [] : [...label.secrecy], isLess: denied !== undefined };
      });
      const mode = this.#options.ruleOf(server).mode;
      const facts = { server, tool, ...agent, mode, agent: now, agentAfter: now, resource: plain(label), phaseMs: {} };
      if (!violation) {
        if (script) this.#readsOf(script).add(server, mode, label);
        this.#options.onDecision?.({ ...facts, verdict: 'allowed' });
        return;
      }
      const denied = new FlowDeniedError({ server, tool, violation, at: 'again' });
      this.#options.onDecision?.({ ...facts, verdict: 'denied', deniedBy: 'labels', reason: denied.message });
      throw denied;
    });
  }

  /** What a server works on, or has just worked on. */
  workedOn(server: string): readonly Label[] {
    return this.#running.resourcesOf(server);
  }

  /**
   * Lets a frame through that belongs to no call. In propagate mode what it reads is in the agent's labels then.
   *
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_GUARD_FAILED, GATEWAY_STATE.
   */
  async frame(frame: FrameFacts): Promise<void> {
    const session = this.#sessions.of(frame.agent);
    await session.during(() => new MonitoredFrame(frame, this.#options, session, this.#modes, this.#running).run());
  }

  /** Tells of a frame that no rule lets pass. */
  dropped({ server, agent, channel }: Pick<FrameFacts, 'server' | 'agent' | 'channel'>): void {
    const { mode } = this.#options.ruleOf(server);
    const reason = 'no rule lets it pass';
    this.#denied({ server, tool: channel.method, channel, ...agent, mode, deniedBy: 'channel', reason });
  }

  #denied(decision: Omit<Decision, 'verdict' | 'agent' | 'agentAfter' | 'phaseMs'>): void {
    const unknown = plain(EMPTY_LABEL);
    this.#options.onDecision?.({ ...decision, verdict: 'denied', agent: unknown, agentAfter: unknown, phaseMs: {} });
  }

  #readsOf(script: object): ScriptReads {
    const known = this.#scripts.get(script);
    if (known) return known;
    const reads = new ScriptReads();
    this.#scripts.set(script, reads);
    return reads;
  }
}
