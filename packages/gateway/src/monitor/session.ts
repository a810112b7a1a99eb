import type { ToolCallLimits } from '../limits/tool-call-limits.ts';
import type { AgentLabelsRecord } from '../state/agent-labels-record.ts';
import type { KeptRecord } from '../state/kept-record.ts';
import { grantOf, labelOf, withGrant, withRead } from './agent.ts';
import type { Label } from './label.ts';
import type { LabelGuard, Mode, Rule } from './rule.ts';

type GuardRule = Extract<Rule, { kind: 'guard' }>;

interface Asking {
  readonly policyHash: string;
  readonly mode: Promise<Mode>;
}

/**
 * One session in this process: its labels and counts are records of the state store, and live here are only the guards that are being asked for its labels
 * and the calls that are running.
 */
export class MonitorSession {
  readonly limits: ToolCallLimits;
  readonly #labels: KeptRecord<AgentLabelsRecord>;
  readonly #asking = new Map<string, Asking>();
  #changes = 0;
  #calls = 0;
  #idle = Promise.withResolvers<void>();

  constructor(labels: KeptRecord<AgentLabelsRecord>, limits: ToolCallLimits) {
    this.#labels = labels;
    this.limits = limits;
  }

  /** Calls that are on their way through the monitor. */
  get calls(): number {
    return this.#calls;
  }

  /** Resolves when the last of the calls has ended. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  async during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls++ === 0) this.#idle = Promise.withResolvers();
    try {
      return await call();
    } finally {
      if (--this.#calls === 0) this.#idle.resolve();
    }
  }

  /**
   * Does something with the agent's labels as they are now. `work` is called at once when they are known: whatever it begins synchronously sees every
   * change of a call of this process that was completed before, and every change of other processes that the store had when it was asked.
   */
  async withLabel<T>(work: (label: Label) => T | Promise<T>): Promise<T> {
    for (;;) {
      const changes = this.#changes;
      const label = labelOf(await this.#labels.get());
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
    const record = await this.#labels.get();
    const before = labelOf(record);
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
        await this.#change((now) =>
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
  fold(read: Label): Promise<Label> {
    return this.#change((now) => withRead(now, read));
  }

  /** Gives up labels and counts. */
  async forget(): Promise<void> {
    await Promise.all([this.#labels.delete(), this.limits.forget()]);
  }

  async #change(change: (now: AgentLabelsRecord | undefined) => AgentLabelsRecord | undefined): Promise<Label> {
    let changed = false;
    const record = await this.#labels.update((now) => {
      const next = change(now);
      changed = next !== now;
      return next;
    });
    if (changed) this.#changes += 1;
    return labelOf(record);
  }
}
