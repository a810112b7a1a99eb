import type { GatewayConfig } from '../config/schema.ts';
import type { Logger } from '../logger.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AgentKey } from './agent-key.ts';
import type { CallFacts, CallFrames, CallMonitor, FrameFacts, GivenFacts } from './call-monitor.ts';
import type { Decision } from './decision.ts';
import type { GuardStatus } from './guard-status.ts';
import { type CallBackend, type GuardLoader, Guards } from './guards.ts';
import type { Label } from './label.ts';
import { type LabelledAgent, Monitor } from './monitor.ts';
import type { McpResult } from './payload.ts';
import type { ServerRule } from './rule.ts';

export interface MonitorServiceOptions {
  readonly store: StateStore;
  /** Milliseconds that records of a session live unless they are renewed. @default without an end */
  readonly sessionTtlMs?: number | undefined;
  /** Asked for when the first guard is loaded. */
  readonly loader: () => Promise<GuardLoader>;
  readonly callBackend: CallBackend;
  readonly logger: Logger;
  readonly now: () => number;
  readonly onDecision: (decision: Decision) => void;
  /** Called when what a guarded server's guard has granted counts no longer, at once. */
  readonly onRevoked: () => void;
}

const UNCHECKED: CallFrames = {
  maySayMore: true,
  mayRead: async () => true,
  mayAsk: async () => true,
  mayWrite: async () => true,
  workedOn: () => [],
  dropped: () => {},
};

/** The reference monitor of one gateway, with the guards that its configuration names. */
export class MonitorService implements CallMonitor {
  readonly #guards: Guards;
  readonly #monitor: Monitor;
  readonly #logger: Logger;
  readonly #onRevoked: () => void;
  #loaded: GuardLoader | undefined;
  #active = false;

  constructor({ store, sessionTtlMs, loader, callBackend, logger, now, onDecision, onRevoked }: MonitorServiceOptions) {
    const lazily: GuardLoader = {
      loadGuard: async (source, options) => {
        this.#loaded = await loader();
        return this.#loaded.loadGuard(source, options);
      },
      unload: async (name) => (await loader()).unload(name),
      list: () => this.#loaded?.list() ?? [],
    };
    this.#guards = new Guards({ loader: lazily, callBackend, logger, now });
    this.#monitor = new Monitor({
      store,
      sessionTtlMs,
      ruleOf: (server) => this.#guards.ruleOf(server),
      atLeast: (profiles) => this.#guards.modeOfProfiles(profiles),
      onDecision,
    });
    this.#logger = logger;
    this.#onRevoked = onRevoked;
  }

  /** State of each guard; one with a failure denies every call of its server. */
  get status(): readonly GuardStatus[] {
    return this.#guards.status;
  }

  /**
   * Takes over a configuration. Its rules hold from this moment, before the promise is resolved: a guard that is still
   * being loaded lets calls wait, never pass.
   */
  apply(config: GatewayConfig): Promise<void> {
    const before = this.#guards.policyHashes;
    const applied = this.#guards.apply(config);
    const now = this.#guards.policyHashes;
    if ([...before].some(([server, hash]) => now.get(server) !== hash)) this.#onRevoked();
    // Once there was something to hold, agents carry labels; these do not go with the last guard.
    this.#active ||= this.#guards.active;
    return applied;
  }

  get isActive(): boolean {
    return this.#active;
  }

  ruleOf(server: string): ServerRule {
    return this.#guards.ruleOf(server);
  }

  /**
   * The agents that have called last and not ended, with the labels that they have now.
   *
   * @throws GATEWAY_STATE when the store does not answer.
   */
  agents(most: number): Promise<readonly LabelledAgent[]> {
    return this.#monitor.agents(most);
  }

  readsContents(server: string): boolean {
    return this.#guards.ruleOf(server).rule.kind === 'guard';
  }

  guarded<T extends object>(call: CallFacts, proceed: (frames: CallFrames) => Promise<T>): Promise<T> {
    if (!this.#active) return proceed(UNCHECKED);
    return this.#monitor.guarded(call, proceed as unknown as (frames: CallFrames) => Promise<McpResult>) as Promise<
      T & McpResult
    >;
  }

  async giveResult(agent: AgentKey, script: object): Promise<void> {
    if (this.#active) await this.#monitor.giveResult(agent, script);
  }

  async again(given: GivenFacts): Promise<void> {
    if (this.#active) await this.#monitor.again(given);
  }

  workedOn(server: string): readonly Label[] {
    return this.#monitor.workedOn(server);
  }

  async frame(frame: FrameFacts): Promise<void> {
    if (this.#active) await this.#monitor.frame(frame);
  }

  dropped(frame: Pick<FrameFacts, 'server' | 'agent' | 'channel'>): void {
    this.#monitor.dropped(frame);
  }

  /**
   * Gives up the labels and counts of a principal's requests without a session; false where there were none.
   *
   * @throws GATEWAY_STATE when the store keeps them.
   */
  reset(principal: string): Promise<boolean> {
    return this.#monitor.reset(principal);
  }

  /**
   * The session of an agent goes on: so do its labels and counts, where others share them.
   *
   * @throws GATEWAY_STATE when that cannot be told the store.
   */
  async renew(agent: AgentKey): Promise<void> {
    if (this.#active) await this.#monitor.renew(agent);
  }

  /** Forgets what lives here of a session that may go on in another process, in the background. */
  letGo(agent: AgentKey): void {
    void this.#monitor.letGo(agent);
  }

  /** Forgets the labels and counts of a session that has ended, in the background. */
  evict(agent: AgentKey): void {
    this.#monitor.evict(agent).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'the records of a session that has ended stay in the state store');
    });
  }
}
