import { ToolCallLimits } from '../limits/tool-call-limits.ts';
import { agentLabelsRecords, callerLabelsRecords } from '../state/agent-labels-record.ts';
import { KeptRecord } from '../state/kept-record.ts';
import { callerQuotaRecords, quotaRecords } from '../state/quota-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import type { IsInForce } from './agent.ts';
import { type AgentKey, agentOfName, nameOfAgent } from './agent-key.ts';
import { AgentLabels } from './agent-labels.ts';
import { LabelNews } from './label-news.ts';
import { MonitorSession } from './session.ts';

/** What a principal has read without a session, and how many agents of this process look at it. */
interface Principal {
  readonly labels: AgentLabels;
  agents: number;
}

/**
 * The agents that have called through this process. A session's labels live as long as the session and are forgotten with it. Those of a principal's requests
 * without a session stay: what lives here of such an agent goes when nothing of it runs and nothing was written, its records never by themselves.
 */
export class MonitorSessions {
  readonly #sessions = new Map<string, MonitorSession>();
  readonly #principals = new Map<string, Principal>();
  readonly #store: StateStore;
  readonly #isInForce: IsInForce;
  readonly #now: () => number;
  readonly #sessionTtlMs: number | undefined;
  readonly #news: LabelNews;

  /**
   * @param isInForce - Whether a grant still counts.
   * @param now - Milliseconds since any moment, never going back.
   * @param sessionTtlMs - Milliseconds that records of a session live without `renew`. @default without an end
   */
  constructor(store: StateStore, isInForce: IsInForce, now: () => number, sessionTtlMs?: number) {
    this.#store = store;
    this.#isInForce = isInForce;
    this.#now = now;
    this.#sessionTtlMs = sessionTtlMs;
    this.#news = new LabelNews(store, {
      changed: ({ principal, session }) => {
        if (session === undefined) this.#principals.get(principal)?.labels.changedElsewhere();
        else this.#sessions.get(nameOfAgent({ principal, session }))?.changedElsewhere();
      },
      gap: () => {
        for (const { labels } of this.#principals.values()) labels.changedElsewhere();
        for (const session of this.#sessions.values()) session.changedElsewhere();
      },
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The agents that have called and not ended, the newest last. */
  get all(): readonly (readonly [AgentKey, MonitorSession])[] {
    return Array.from(this.#sessions, ([name, session]) => [agentOfName(name), session]);
  }

  /** The session of an agent; a first call makes one. Touches no record. */
  of(agent: AgentKey): MonitorSession {
    const key = nameOfAgent(agent);
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
    const session = await this.#leave(agent);
    await session.forget();
  }

  /** Forgets what lives here of an agent whose session may go on in another process; its records stay. */
  async letGo(agent: AgentKey): Promise<void> {
    await this.#leave(agent);
  }

  /**
   * The session of an agent goes on, here or elsewhere: so do its records.
   *
   * @throws GATEWAY_STATE when that cannot be told the store.
   */
  async renew({ principal, session }: AgentKey): Promise<void> {
    const ttlMs = this.#sessionTtlMs;
    if (ttlMs === undefined || session === undefined) return;
    const kinds = [new Records(this.#store, agentLabelsRecords), new Records(this.#store, quotaRecords)];
    await Promise.all(kinds.map((records) => records.expire([principal, session], ttlMs)));
  }

  /**
   * Gives up labels and counts of a principal's requests without a session; false where there were none.
   *
   * @throws GATEWAY_STATE when the store keeps them.
   */
  async reset(principal: string): Promise<boolean> {
    const session = this.of({ principal });
    return session.during(() => session.startOver());
  }

  /** The agent has no session here any more, once its last call has ended. */
  async #leave(agent: AgentKey): Promise<MonitorSession> {
    const key = nameOfAgent(agent);
    // Another process may have written its records: a session that never called here has some as well.
    const known = this.#sessions.get(key);
    const session = known ?? this.#open(agent);
    while (session.calls > 0) await session.idle;
    const isMine = !known || this.#sessions.get(key) === known;
    if (isMine) {
      this.#sessions.delete(key);
      this.#release(agent.principal);
    }
    return session;
  }

  #open({ principal: name, session: id }: AgentKey): MonitorSession {
    const store = this.#store;
    const tell = (): Promise<void> => this.#news.tell({ principal: name, session: id });
    const parts = { isInForce: this.#isInForce, now: this.#now, tell, hears: () => this.#news.isHeard };
    const principal = this.#hold(name);
    if (id === undefined) {
      const limits = new ToolCallLimits(new KeptRecord(new Records(store, callerQuotaRecords), [name]));
      const onIdle = (): void => this.#dropUnlessKept(name);
      return new MonitorSession({ ...parts, own: principal.labels, limits, onIdle });
    }
    const own = new AgentLabels(new KeptRecord(new Records(store, agentLabelsRecords), [name, id], this.#sessionTtlMs));
    const limits = new ToolCallLimits(new KeptRecord(new Records(store, quotaRecords), [name, id], this.#sessionTtlMs));
    return new MonitorSession({ ...parts, own, principal: principal.labels, limits });
  }

  /** One for all agents of a principal: a session sees at once what is read without one. */
  #hold(name: string): Principal {
    const labels = (): AgentLabels =>
      new AgentLabels(new KeptRecord(new Records(this.#store, callerLabelsRecords), [name]));
    const principal = this.#principals.get(name) ?? { labels: labels(), agents: 0 };
    this.#principals.set(name, principal);
    principal.agents += 1;
    return principal;
  }

  #release(name: string): void {
    const principal = this.#principals.get(name);
    if (!principal) return;
    principal.agents -= 1;
    // One that has records stays, to notice when the store has lost them.
    if (principal.agents === 0 && !principal.labels.isKept) this.#principals.delete(name);
  }

  #dropUnlessKept(name: string): void {
    const key = nameOfAgent({ principal: name });
    if (this.#sessions.get(key)?.isKept !== false) return;
    this.#sessions.delete(key);
    this.#release(name);
  }
}
