import { Agent } from './agent.ts';
import { toLabel } from './label.ts';
import type { LabelGuard, Mode, Rule } from './rule.ts';
import { ToolCallLimits } from './tool-call-limits.ts';

type GuardRule = Extract<Rule, { kind: 'guard' }>;

interface Labelled {
  readonly policyHash: string;
  readonly mode: Promise<Mode>;
}

/** What the monitor keeps of one session: the agent's labels, its calls so far, and which guards have labelled it. */
export class MonitorSession {
  readonly agent: Agent = new Agent();
  readonly limits: ToolCallLimits = new ToolCallLimits();
  readonly #labelled = new Map<string, Labelled>();

  /**
   * Has the guard of a server label the agent, once per policy; calls that come meanwhile wait for the same answer. A
   * failure is not kept. The waiting is not ended by one caller's signal, since others may wait too.
   */
  labelOnce(server: string, { policy, policyHash }: GuardRule, guard: LabelGuard): Promise<Mode> {
    const known = this.#labelled.get(server);
    if (known?.policyHash === policyHash) return known.mode;
    const mode = guard.labelAgent(policy).then(({ agent, difcMode }) => {
      if (this.#labelled.get(server)?.mode === mode) this.agent.grant(server, toLabel(agent));
      return difcMode;
    });
    this.#labelled.set(server, { policyHash, mode });
    mode.catch(() => {
      if (this.#labelled.get(server)?.mode === mode) this.#labelled.delete(server);
    });
    return mode;
  }
}
