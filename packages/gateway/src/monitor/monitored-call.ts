import type { ResponseLabelling } from '@lockgate/abi';
import { CallLimitError } from '../limits/call-limit-error.ts';
import type { FrameOrigin } from '../protocol/exchange.ts';
import { StateError } from '../state/state-error.ts';
import type { AgentKey } from './agent-key.ts';
import type { CallFacts, CallFrames } from './call-monitor.ts';
import { type Channel, type Decision, plain } from './decision.ts';
import { FlowDeniedError, GuardFailedError } from './denial.ts';
import { checkFlow, type Operation } from './flow.ts';
import { GuardPhases, type LabelledResource } from './guard-phases.ts';
import { type AgentLabel, EMPTY_LABEL, join, type Label } from './label.ts';
import type { MonitorOptions } from './monitor-options.ts';
import type { McpResult } from './payload.ts';
import { type Filtered, filterResponse } from './response-filter.ts';
import type { RunningCalls } from './running-calls.ts';
import type { ScriptReads } from './script-reads.ts';
import type { MonitorSession } from './session.ts';
import { withoutContents } from './without-contents.ts';

/** Under this key of `_meta` an answer says how many of its parts were withheld; its last text is the note for the model then. */
export const WITHHELD_META_KEY = 'lockgate/withheld';

const NO_LABELS: ResponseLabelling = { kind: 'none' };

/** One call while it goes through the phases, with the frames beside it. */
export class MonitoredCall implements CallFrames {
  readonly #call: CallFacts;
  readonly #options: MonitorOptions;
  readonly #session: MonitorSession;
  readonly #running: RunningCalls;
  readonly #untied: (channel: Channel, about: readonly Label[]) => Promise<void>;
  readonly #phases: GuardPhases;
  readonly #reads: ScriptReads | undefined;
  #operation: Operation | undefined;
  #resource: Label | undefined;
  #isCalled = false;
  #maySayMore = false;
  /** Why an answer of the client was not sent. */
  #refused: unknown;

  /**
   * @param untied - Lets a frame through that may be about another call, or throws.
   * @param reads - What the script was given that calls, if one does.
   */
  constructor(
    call: CallFacts,
    options: MonitorOptions,
    session: MonitorSession,
    running: RunningCalls,
    untied: (channel: Channel, about: readonly Label[]) => Promise<void>,
    reads?: ScriptReads,
  ) {
    this.#reads = reads;
    this.#call = call;
    this.#untied = untied;
    this.#options = options;
    this.#session = session;
    this.#running = running;
    this.#phases = new GuardPhases(call, options, session);
  }

  get agent(): AgentKey {
    return this.#call.agent;
  }

  /** What it reads, as far as is known: nobody may be told less of it. */
  get resource(): Label {
    return this.#resource ?? EMPTY_LABEL;
  }

  get maySayMore(): boolean {
    return this.#maySayMore;
  }

  async run(proceed: (frames: CallFrames) => Promise<McpResult>): Promise<McpResult> {
    try {
      const labelled = await this.#label();
      const phases = this.#phases;
      // What is stopped takes nothing off a limit.
      if (this.#call.onSend) await phases.withLabel((label) => this.#checkSending(labelled, label));
      await this.#takeCall(labelled);
      // From the check to the backend there is no await: a write sees every read that was completed before it.
      const result = await this.#running.during(this.#call.server, this, () =>
        phases.withLabel((label) => {
          this.#checkSending(labelled, label);
          this.#maySayMore = maySayMore(labelled, this.#writing(label));
          this.#isCalled = true;
          return phases.timed('backend', () => proceed(this));
        }),
      );
      if (this.#refused) throw this.#refused;
      const { operation } = labelled;
      const finer = phases.hasGuard && operation !== 'write' ? await phases.labelResponse(result) : NO_LABELS;
      return await this.#give(result, finer);
    } catch (error) {
      throw await this.#failed(this.#refused ?? error);
    }
  }

  async mayRead(method: string, origin: FrameOrigin, about: readonly Label[]): Promise<boolean> {
    if (origin === 'own') return this.#mayRead(method, this.resource);
    try {
      await this.#untied({ direction: 'down', method }, about);
      return true;
    } catch {
      return false; // it has been told as a decision
    }
  }

  mayAsk(method: string, origin: FrameOrigin, about: readonly Label[]): Promise<boolean> {
    if (origin === 'own') return this.#mayRead(method, this.resource);
    const { server, agent } = this.#call;
    const ever = this.#running.everOf(server, agent) ?? this.resource;
    return this.#mayRead(method, [...about, ...this.workedOn(), ever].reduce(join, this.resource));
  }

  workedOn(): readonly Label[] {
    return this.#running.resourcesOf(this.#call.server);
  }

  async #mayRead(method: string, label: Label): Promise<boolean> {
    const violation = await this.#phases.read(label);
    const channel = { direction: 'down', method } as const;
    if (violation) this.#decide('denied', { channel, deniedBy: 'labels', reason: 'its contents may not be given' });
    else this.#decide('allowed', { channel });
    return violation === undefined;
  }

  async mayWrite(method: string): Promise<boolean> {
    const { server, tool } = this.#call;
    const channel = { direction: 'up', method } as const;
    try {
      const labelled = await this.#label();
      await this.#phases.withLabel((label) => {
        this.#checkCoarse(labelled, label);
        const violation = checkFlow('write', this.#writing(label), labelled.resource);
        if (violation) throw new FlowDeniedError({ server, tool, violation, at: 'reply' });
      });
      this.#decide('allowed', { channel });
      return true;
    } catch (error) {
      this.#refused ??= error;
      this.#decide('denied', { channel, ...denial(error) });
      return false;
    }
  }

  dropped(method: string): void {
    this.#decide('denied', {
      channel: { direction: 'down', method },
      deniedBy: 'channel',
      reason: 'no rule lets it pass',
    });
  }

  /** Phases 0 and 1. What was asked again is no less secret than before. */
  async #label(): Promise<LabelledResource> {
    const labelled = await this.#phases.label();
    this.#operation = labelled.operation;
    this.#resource = this.#resource ? join(this.#resource, labelled.resource) : labelled.resource;
    return labelled;
  }

  /** Takes the call off the tool's limit, if it has one; 0 or absent means none. */
  async #takeCall(labelled: LabelledResource): Promise<void> {
    const { server, tool } = this.#call;
    const limits = this.#phases.server.toolCallLimits;
    const limit = Object.hasOwn(limits, tool) ? limits[tool] : undefined;
    if (!limit) return;
    // A call that is denied takes nothing off. It is counted and its labels are looked at in one round trip, unless it would be denied by what is known.
    const check = (label: AgentLabel): void => this.#checkCoarse(labelled, label);
    if (!this.#session.expects(check)) await this.#phases.withLabel(check);
    const counts = this.#session.limits;
    const [looked, counted] = await Promise.allSettled([
      this.#phases.withLabel(check),
      counts.take(server, tool, limit),
    ]);
    // Where that cannot be done, the call stays counted.
    if (looked.status === 'rejected' && counted.status === 'fulfilled')
      await counts.giveBack(server, tool).catch(() => undefined);
    for (const one of [looked, counted]) if (one.status === 'rejected') throw one.reason;
  }

  /** Phase 2: a read goes on in every mode, since its answer may carry finer labels than the resource. */
  #checkCoarse({ operation, resource }: LabelledResource, agent: AgentLabel): void {
    const { server, tool, isAnswer = false } = this.#call;
    const checked = operation === 'read' && isAnswer ? 'write' : operation;
    if (checked === 'read') return;
    const violation = checkFlow(checked, this.#writing(agent), resource);
    if (violation) throw new FlowDeniedError({ server, tool, violation, at: 'call' });
  }

  #checkSending(labelled: LabelledResource, agent: AgentLabel): void {
    this.#checkCoarse(labelled, agent);
    const { onSend, isAnswer = false } = this.#call;
    if (!onSend) return;
    const { secrecy, given = [] } = this.#writing(agent);
    onSend(labelled.operation === 'read' && !isAnswer ? new Set() : new Set([...secrecy, ...given]));
  }

  #writing(agent: AgentLabel): AgentLabel {
    return this.#reads?.writing(agent) ?? agent;
  }

  /** Phases 5 and 6. What is given in propagate mode is in the labels before anybody has it. */
  async #give(result: McpResult, labelling: ResponseLabelling): Promise<McpResult> {
    const filter = (agent: Label): Filtered => {
      try {
        return filterResponse(result, labelling, this.resource, agent);
      } catch (error) {
        throw this.#phases.failure('label_response', error);
      }
    };
    if (this.#phases.mode === 'propagate') {
      const { all } = filter(this.#phases.agentNow);
      if (all) {
        await this.#phases.fold(all);
        this.#reads?.add(this.#call.server, 'propagate', all);
      }
      this.#call.onGiven?.(all ?? this.resource);
      return this.#allow(result);
    }
    const filtered = await this.#phases.withGiven((agent) => {
      const outcome = filter(agent);
      const isGiven = !outcome.violation || (outcome.result !== undefined && this.#phases.mode === 'filter');
      return { outcome, given: isGiven ? outcome.given : [], isLess: outcome.violation !== undefined };
    });
    const { withheld, total, violation, result: rest, given, givenLabel, all } = filtered;
    this.#call.onGiven?.(givenLabel ?? this.resource);
    if (!violation) {
      if (all) this.#reads?.add(this.#call.server, this.#phases.mode, all);
      return this.#allow(rest ?? result);
    }
    if (this.#phases.mode === 'strict' || !rest) {
      const { server, tool } = this.#call;
      throw new FlowDeniedError({ server, tool, violation, withheld, at: 'answer', isDone: this.#writes });
    }
    // All that is given has what the agent demands of it.
    const { integrity } = this.#phases.agentNow;
    this.#reads?.add(this.#call.server, this.#phases.mode, { secrecy: new Set(given), integrity });
    this.#decide('filtered', { withheld, total });
    this.#call.onFiltered?.();
    return withNote(rest, withheld, total);
  }

  /** What the client is told. What the server says of a failure is contents, as its answers are; what the gateway says is none. */
  async #failed(error: unknown): Promise<unknown> {
    const { server, tool, signal } = this.#call;
    const denied = denial(error);
    if (denied.deniedBy) this.#decide('denied', denied);
    // Who has cancelled is told nothing.
    if (denied.deniedBy || !this.#isCalled || signal.aborted) return error;
    const bare = withoutContents(error);
    const violation = bare === error ? undefined : await this.#phases.read(this.resource);
    const told = violation ? (bare ?? new FlowDeniedError({ server, tool, violation, at: 'error' })) : error;
    const channel = { direction: 'down', method: 'error' } as const;
    if (violation)
      this.#decide('denied', { channel, deniedBy: 'labels', reason: 'what the server says of it may not be given' });
    // What the backend failed with is its own: it was asked, and nothing was withheld.
    else {
      if (bare !== error) this.#reads?.add(server, this.#phases.mode, this.resource);
      this.#decide('allowed', {});
    }
    return told;
  }

  get #writes(): boolean {
    return this.#operation !== 'read';
  }

  #allow(result: McpResult): McpResult {
    this.#decide('allowed', {});
    return result;
  }

  #decide(verdict: Decision['verdict'], more: Partial<Decision>): void {
    const { server, tool, agent } = this.#call;
    const { mode, agentBefore, agentNow, spentMs: phaseMs } = this.#phases;
    this.#options.onDecision?.({
      server,
      tool,
      principal: agent.principal,
      session: agent.session,
      mode,
      verdict,
      agent: plain(agentBefore),
      agentAfter: plain(agentNow),
      ...(this.#operation && { operation: this.#operation }),
      ...(this.#resource && { resource: plain(this.#resource) }),
      phaseMs,
      ...more,
    });
  }
}

/** Vouching for what goes beside a read is nothing that a server can demand. */
function maySayMore({ operation, resource }: LabelledResource, agent: AgentLabel): boolean {
  if (operation !== 'read') return true; // it was checked as a write
  const { secrecy = [] } = checkFlow('write', agent, resource) ?? {};
  return secrecy.length === 0;
}

/** What of an error is a denial of the monitor's own; empty for everything else, which keeps its name. */
export function denial(error: unknown): Pick<Decision, 'deniedBy' | 'reason'> {
  const deniedBy = whatDenied(error);
  return deniedBy ? { deniedBy, reason: (error as Error).message } : {};
}

function whatDenied(error: unknown): Decision['deniedBy'] {
  if (error instanceof FlowDeniedError) return 'labels';
  if (error instanceof GuardFailedError) return 'guard';
  if (error instanceof CallLimitError) return 'limit';
  if (error instanceof StateError) return 'state';
  return undefined;
}

/** Says in the answer that something was withheld: a block for the model, and the numbers in `_meta`. */
function withNote(result: McpResult, withheld: number, total: number): McpResult {
  const text = `[Filtered] ${withheld} of ${total} parts of this answer were withheld by the gateway's policy.`;
  const meta = { ...(result._meta as object | undefined), [WITHHELD_META_KEY]: withheld };
  const content = Array.isArray(result.content) ? { content: [...result.content, { type: 'text', text }] } : {};
  return { ...result, ...content, _meta: meta };
}
