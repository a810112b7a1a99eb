import type { FrameFacts } from './call-monitor.ts';
import { requestDownRule } from './channels.ts';
import { type Decision, plain } from './decision.ts';
import { FlowDeniedError } from './denial.ts';
import { checkFlow } from './flow.ts';
import type { GuardModes } from './guard-modes.ts';
import { GuardPhases } from './guard-phases.ts';
import { join, type Label } from './label.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { denial } from './monitored-call.ts';
import type { RunningCalls } from './running-calls.ts';
import type { MonitorSession } from './session.ts';

/** One frame that belongs to no call: its guard says what it is about, and its channel what passing it means. */
export class MonitoredFrame {
  readonly #frame: FrameFacts;
  readonly #options: MonitorOptions;
  readonly #phases: GuardPhases;
  readonly #modes: GuardModes;
  readonly #running: RunningCalls;
  #resource: Label | undefined;

  constructor(
    frame: FrameFacts,
    options: MonitorOptions,
    session: MonitorSession,
    modes: GuardModes,
    running: RunningCalls,
  ) {
    this.#frame = frame;
    this.#options = options;
    this.#modes = modes;
    this.#running = running;
    this.#phases = new GuardPhases(frame, options, session);
  }

  async run(): Promise<void> {
    try {
      const { resource } = await this.#phases.label(this.#frame.isAsked ? undefined : this.#modes);
      const { server, agent, tool, channel, about = [] } = this.#frame;
      // What a server says of no call in particular may be about each of those it works on.
      const isAboutCalls = channel.direction === 'down' && tool === channel.method;
      const calls = isAboutCalls ? [...about, ...this.#running.resourcesOf(server)] : [];
      const whole = calls.reduce(join, resource);
      const isQuestion = isAboutCalls && requestDownRule(tool) === 'question';
      const ever = isQuestion ? this.#running.everOf(server, agent) : undefined;
      this.#resource = ever ? join(whole, ever) : whole;
      await this.#check(this.#resource);
      this.#decide('allowed', {});
    } catch (error) {
      const denied = denial(error);
      if (denied.deniedBy) this.#decide('denied', denied);
      throw error;
    }
  }

  async #check(resource: Label): Promise<void> {
    const { server, tool, checks } = this.#frame;
    const violation =
      checks === 'read'
        ? await this.#phases.read(resource)
        : await this.#phases.withLabel((label) => checkFlow(checks, label, resource));
    if (violation) throw new FlowDeniedError({ server, tool, violation, at: 'call' });
  }

  #decide(verdict: Decision['verdict'], more: Partial<Decision>): void {
    const { server, tool, agent, channel, checks: operation } = this.#frame;
    const { mode, agentBefore, agentNow, spentMs: phaseMs } = this.#phases;
    this.#options.onDecision?.({
      server,
      tool,
      channel,
      principal: agent.principal,
      session: agent.session,
      mode,
      verdict,
      operation,
      agent: plain(agentBefore),
      agentAfter: plain(agentNow),
      ...(this.#resource && { resource: plain(this.#resource) }),
      phaseMs,
      ...more,
    });
  }
}
