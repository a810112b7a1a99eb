import type { LabelGuard, Mode, Rule } from './rule.ts';

interface Known {
  readonly policyHash: string;
  readonly mode: Promise<Mode>;
}

/**
 * The mode that the guard of each server wants, by its policy. It is asked for the sake of frames that belong to no call: an agent that has called nothing
 * is granted nothing because a server says something.
 */
export class GuardModes {
  readonly #known = new Map<string, Known>();

  /** Asks once per policy; a failure is not kept. */
  of(server: string, rule: Extract<Rule, { kind: 'guard' }>, guard: LabelGuard): Promise<Mode> {
    const { policy, policyHash } = rule;
    const known = this.#known.get(server);
    if (known?.policyHash === policyHash) return known.mode;
    const asked = guard.labelAgent(policy).then(({ difcMode }) => difcMode);
    const asking: Known = { policyHash, mode: asked };
    this.#known.set(server, asking);
    asked.catch(() => {
      if (this.#known.get(server) === asking) this.#known.delete(server);
    });
    return asked;
  }
}
