import type { StateStore } from '../state/state-store.ts';
import { type AgentKey, agentOfName, nameOfAgent } from './agent-key.ts';

const CHANNEL = 'labels-changed';

export interface LabelNewsListener {
  /** Another process, or this one, has changed what this agent may read. */
  changed(agent: AgentKey): void;
  /** Such a change may have been missed. */
  gap(): void;
}

/**
 * Tells the processes that share labels of changes after which an agent may read less than before: a reset, and a guard's grant that demands something or replaces another.
 * Reading needs no telling, since whoever withholds looks anew.
 */
export class LabelNews {
  readonly #store: StateStore;
  readonly #listener: LabelNewsListener;
  #listening: Promise<void> | undefined;
  #isHeard: boolean;

  constructor(store: StateStore, listener: LabelNewsListener) {
    this.#store = store;
    this.#listener = listener;
    this.#isHeard = !store.isShared;
  }

  /** Whether all is heard from now on that others tell. The first question begins it. */
  get isHeard(): boolean {
    if (!this.#isHeard) this.#listening ??= this.#listen();
    return this.#isHeard && this.#store.deafSince === undefined;
  }

  /** @throws GATEWAY_STATE */
  async tell(agent: AgentKey): Promise<void> {
    if (this.#store.isShared) await this.#store.publish(CHANNEL, nameOfAgent(agent));
  }

  async #listen(): Promise<void> {
    try {
      await this.#store.subscribe(CHANNEL, {
        message: (name) => this.#listener.changed(agentOfName(String(name))),
        gap: () => this.#listener.gap(),
      });
      this.#isHeard = true;
    } catch {
      this.#listening = undefined; // asked again with the next call
    }
  }
}
