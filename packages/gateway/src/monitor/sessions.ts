import { ToolCallLimits } from '../limits/tool-call-limits.ts';
import { agentLabelsRecords } from '../state/agent-labels-record.ts';
import { KeptRecord } from '../state/kept-record.ts';
import { quotaRecords } from '../state/quota-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import { MonitorSession } from './session.ts';

/** Who calls: the authenticated principal and the session it works in. Two clients with one key are two agents. */
export interface AgentKey {
  readonly principal: string;
  readonly session: string;
}

/** The sessions that have called through this process. An agent's labels live as long as its session and are forgotten with it. */
export class MonitorSessions {
  readonly #sessions = new Map<string, MonitorSession>();
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session of an agent; a first call makes one. Touches no record. */
  of(agent: AgentKey): MonitorSession {
    const key = keyOf(agent);
    let session = this.#sessions.get(key);
    if (!session) {
      session = this.#open(agent);
      this.#sessions.set(key, session);
    }
    return session;
  }

  /**
   * Forgets an agent when its session has ended. Its calls that still run keep their labels to their end, so that none of them writes a record
   * again that nobody would remove.
   *
   * @throws GATEWAY_STATE when the store keeps the records.
   */
  async evict(agent: AgentKey): Promise<void> {
    const key = keyOf(agent);
    // Another process may have written its records: a session that never called here has some as well.
    const session = this.#sessions.get(key) ?? this.#open(agent);
    while (session.calls > 0) await session.idle;
    if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    await session.forget();
  }

  #open({ principal, session }: AgentKey): MonitorSession {
    const key = [principal, session];
    const labels = new KeptRecord(new Records(this.#store, agentLabelsRecords), key);
    const quota = new KeptRecord(new Records(this.#store, quotaRecords), key);
    return new MonitorSession(labels, new ToolCallLimits(quota));
  }
}

/** Injective, whatever characters a principal's name has. */
function keyOf({ principal, session }: AgentKey): string {
  return JSON.stringify([principal, session]);
}
