import type { ToolCallLimits } from '../limits/tool-call-limits.ts';
import { grantOf, type IsInForce, labelOf, withGiven, withGrant, withRead } from './agent.ts';
import type { AgentLabels } from './agent-labels.ts';
import type { AgentLabel, Label } from './label.ts';
import type { LabelGuard, Mode, Rule } from './rule.ts';

type GuardRule = Extract<Rule, { kind: 'guard' }>;

interface Asking {
  readonly policyHash: string;
  readonly mode: Promise<Mode>;
}

export interface MonitorSessionParts {
  readonly own: AgentLabels;
  /** What the principal has read without a session, where this is one. */
  readonly principal?: AgentLabels;
  readonly limits: ToolCallLimits;
  readonly isInForce: IsInForce;
  /** Called each time the last of the calls has ended. */
  readonly onIdle?: () => void;
}

/**
 * One agent in this process: its labels and counts are records of the state store, and live here are only the guards that are being asked for its labels
 * and the calls that are running.
 */
export class MonitorSession {
  readonly #parts: MonitorSessionParts;
  readonly #asking = new Map<string, Asking>();
  #calls = 0;
  #idle = Promise.withResolvers<void>();

  constructor(parts: MonitorSessionParts) {
    this.#parts = parts;
  }

  get limits(): ToolCallLimits {
    return this.#parts.limits;
  }

  /** Calls that are on their way through the monitor. */
  get calls(): number {
    return this.#calls;
  }

  /** Resolves when the last of the calls has ended. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Whether there are records of it, as far as this process knows. */
  get isKept(): boolean {
    return this.#parts.own.isKept || this.limits.isKept;
  }

  async during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls++ === 0) this.#idle = Promise.withResolvers();
    try {
      return await call();
    } finally {
      if (--this.#calls === 0) {
        this.#idle.resolve();
        this.#parts.onIdle?.();
      }
    }
  }

  /**
   * Does something with the agent's labels as they are now. `work` is called at once when they are known: whatever it begins synchronously sees every
   * change of a call of this process that was completed before, and every change of other processes that the store had when it was asked.
   */
  async withLabel<T>(work: (label: AgentLabel) => T | Promise<T>): Promise<T> {
    for (;;) {
      const changes = this.#changes;
      const label = await this.#label();
      // Keep `work` here, with no await before it: a caller that awaits the label would look at an older one.
      if (changes === this.#changes) return work(label);
    }
  }

  /**
   * Has the guard of a server label the agent, once per policy; calls that come meanwhile wait for the same answer. A
   * failure is not kept. The waiting is not ended by one caller's signal, since others may wait too.
   *
   * @returns the mode, and the labels before.
   */
  async labelOnce(
    server: string,
    { policy, policyHash }: GuardRule,
    guard: LabelGuard,
  ): Promise<{ readonly mode: Mode; readonly before: Label }> {
    const { own, principal, isInForce } = this.#parts;
    const [record, ofPrincipal] = await Promise.all([own.get(), principal?.get()]);
    const before = labelOf(record, isInForce, ofPrincipal);
    const granted = grantOf(record, server);
    if (granted?.policyHash === policyHash) return { mode: granted.mode, before };
    const known = this.#asking.get(server);
    if (known?.policyHash === policyHash) return { mode: await known.mode, before };
    const isLatest = (): boolean => this.#asking.get(server) === asking;
    const label = async (): Promise<Mode> => {
      try {
        const { agent, difcMode: mode } = await guard.labelAgent(policy);
        const { secrecy, integrity } = agent;
        // An answer for a policy that was replaced meanwhile grants nothing.
        await own.change((now) =>
          isLatest() ? withGrant(now, { server, policyHash, mode, secrecy, integrity }) : now,
        );
        return mode;
      } finally {
        if (isLatest()) this.#asking.delete(server);
      }
    };
    const asking: Asking = { policyHash, mode: label() };
    this.#asking.set(server, asking);
    return { mode: await asking.mode, before };
  }

  /** Folds in what the agent is given to read; its labels afterwards. */
  async fold(read: Label): Promise<AgentLabel> {
    await this.#parts.own.change((now) => withRead(now, read));
    return this.#label();
  }

  /** Notes secrecy that the agent is given by right of its grants, so that it cannot carry it out when they have gone. Costs nothing for what is public. */
  async noteGiven(secrecy: readonly string[]): Promise<void> {
    if (secrecy.length > 0) await this.#parts.own.change((now) => withGiven(now, secrecy));
  }

  /** Gives up labels and counts, with the session. */
  async forget(): Promise<void> {
    await Promise.all([this.#parts.own.delete(), this.limits.forget()]);
  }

  /** Gives up labels and counts and goes on; false where there were none. */
  async startOver(): Promise<boolean> {
    const found = await Promise.all([this.#parts.own.startOver(), this.limits.startOver()]);
    return found.includes(true);
  }

  get #changes(): number {
    const { own, principal } = this.#parts;
    return own.changes + (principal?.changes ?? 0);
  }

  async #label(): Promise<AgentLabel> {
    const { own, principal, isInForce } = this.#parts;
    const [record, ofPrincipal] = await Promise.all([own.get(), principal?.get()]);
    return labelOf(record, isInForce, ofPrincipal);
  }
}
