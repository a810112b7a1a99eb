import { checkFlow, type FlowViolation } from './flow.ts';
import { type AgentLabel, join, type Label } from './label.ts';
import type { Mode } from './rule.ts';
import type { MonitorSession } from './session.ts';

interface Read {
  readonly mode: Mode;
  readonly label: Label;
}

/**
 * What one run of a script was given to read, by server: it has that in its memory, whatever becomes of its agent's labels meanwhile. Where it writes, it
 * counts; and what it says in the end is a read of all of it.
 */
export class ScriptReads {
  readonly #reads = new Map<string, Read>();

  add(server: string, mode: Mode, label: Label): void {
    const before = this.#reads.get(server);
    this.#reads.set(server, { mode, label: before ? join(before.label, label) : label });
  }

  /** An agent as it writes by this script. */
  writing(agent: AgentLabel): AgentLabel {
    let { secrecy, integrity } = agent;
    let given: Iterable<string> = agent.given ?? [];
    for (const { mode, label } of this.#reads.values()) {
      if (mode === 'propagate') ({ secrecy, integrity } = join({ secrecy, integrity }, label));
      else given = [...given, ...label.secrecy];
    }
    return { secrecy, integrity, given: new Set(given) };
  }

  /** Has an agent read all of it again: the first violation, or none. In propagate mode it is in the agent's labels then. */
  async readAgain(
    session: MonitorSession,
  ): Promise<{ readonly server: string; readonly mode: Mode; readonly violation: FlowViolation } | undefined> {
    for (const [server, { mode, label }] of this.#reads) {
      if (mode === 'propagate') {
        await session.fold(label);
        continue;
      }
      const violation = await session.withGiven((agent) => {
        const denied = checkFlow('read', agent, label);
        return { outcome: denied, given: denied ? [] : [...label.secrecy], isLess: denied !== undefined };
      });
      if (violation) return { server, mode, violation };
    }
    return undefined;
  }
}
