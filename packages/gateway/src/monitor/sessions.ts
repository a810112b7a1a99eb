import { MonitorSession } from './session.ts';

/** Who calls: the authenticated principal and the session it works in. Two clients with one key are two agents. */
export interface AgentKey {
  readonly principal: string;
  readonly session: string;
}

/** The sessions that are known now. An agent's labels live as long as its session and are forgotten with it. */
export class MonitorSessions {
  readonly #sessions = new Map<string, MonitorSession>();

  get size(): number {
    return this.#sessions.size;
  }

  /** The session of an agent; a first call makes one without labels. */
  of(agent: AgentKey): MonitorSession {
    const key = keyOf(agent);
    let session = this.#sessions.get(key);
    if (!session) {
      session = new MonitorSession();
      this.#sessions.set(key, session);
    }
    return session;
  }

  /** Forgets an agent, when its session has ended. */
  evict(agent: AgentKey): void {
    this.#sessions.delete(keyOf(agent));
  }
}

/** Injective, whatever characters a principal's name has. */
function keyOf({ principal, session }: AgentKey): string {
  return JSON.stringify([principal, session]);
}
