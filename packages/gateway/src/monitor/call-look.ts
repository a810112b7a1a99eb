import type { AgentLabelsRecord } from '../state/agent-labels-record.ts';

/** How long a call goes by what it has seen, in milliseconds: what another process has changed counts then at the latest, though its message was lost. */
const KEPT_MS = 2_000;

/** The records of an agent at one moment. */
export interface Look {
  readonly record: AgentLabelsRecord | undefined;
  readonly ofPrincipal: AgentLabelsRecord | undefined;
}

/**
 * What one call has seen of its agent's records since it came. It is enough for all that the call sends, since what it brings was made before it came: what the agent is
 * given elsewhere meanwhile can be in none of it. It may permit more of the answer, so that nothing is withheld without another look. It may permit less: changes that do so count at
 * once where this process makes them, and where others do, when their message has come.
 */
export class CallLook {
  #seen: { readonly look: Look; readonly changes: number; readonly at: number } | undefined;

  /**
   * @param changes - A number that grows with each change from this process.
   * @param now - Milliseconds since any moment, never going back.
   */
  find(changes: number, now: number): Look | undefined {
    const seen = this.#seen;
    return seen && seen.changes === changes && now - seen.at < KEPT_MS ? seen.look : undefined;
  }

  /** @param at - When the store was asked. */
  keep(look: Look, changes: number, at: number): void {
    this.#seen = { look, changes, at };
  }

  /** Something came that was made later, or is missing in it. */
  forget(): void {
    this.#seen = undefined;
  }
}
