import type { AgentLabelsRecord } from '../state/agent-labels-record.ts';
import type { KeptRecord } from '../state/kept-record.ts';
import { NOTHING } from './agent.ts';

/** The labels of one agent, as this process knows them: a record of the state store, and how often it was changed from here. */
export class AgentLabels {
  readonly #record: KeptRecord<AgentLabelsRecord>;
  #changes = 0;

  constructor(record: KeptRecord<AgentLabelsRecord>) {
    this.#record = record;
  }

  /** Grows with each change from this process, with those of others that are told, and where the store is found to have lost its records: who finds the same number twice has missed none in between. */
  get changes(): number {
    return this.#changes + this.#record.lives;
  }

  /** Another process has changed them, or may have. */
  changedElsewhere(): void {
    this.#changes += 1;
  }

  /** Whether there is a record, as far as this process knows. */
  get isKept(): boolean {
    return this.#record.isKept;
  }

  get(): Promise<AgentLabelsRecord | undefined> {
    return this.#record.get();
  }

  /** Changes the record in one step, whoever else changes it meanwhile. Gives it as it is afterwards. */
  async change(
    change: (now: AgentLabelsRecord | undefined) => AgentLabelsRecord | undefined,
  ): Promise<AgentLabelsRecord | undefined> {
    let changed = false;
    const after = await this.#record.update((now) => {
      const next = change(now);
      changed = next !== now;
      return next;
    });
    if (changed) this.#changes += 1;
    return after;
  }

  /** Gives up all labels; false where there were none. */
  async startOver(): Promise<boolean> {
    const found = await this.#record.startOver(NOTHING);
    this.#changes += 1;
    return found;
  }

  async delete(): Promise<void> {
    await this.#record.delete();
    this.#changes += 1;
  }
}
