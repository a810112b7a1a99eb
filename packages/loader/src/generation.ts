import type { ModuleBytes } from './module-source.ts';
import type { VersionHealth } from './version-health.ts';

/** What the loader needs of anything it loads. */
export interface GuestModule {
  healthy(): Promise<boolean>;
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** What is known of one version while it is live. */
export interface VersionFacts {
  /** 1 for the first version of a name, then one more with every swap. */
  readonly generation: number;
  /** What the guest calls its version; null for guards, which say none. */
  readonly version: string | null;
  /** SHA-256 of the bytes, in lower-case hex. */
  readonly digest: string;
  /** When it went live, in milliseconds since the epoch. */
  readonly loadedAt: number;
}

/** One loaded version of one module: live, then retired, then closed. */
export class Generation<M extends GuestModule> {
  readonly module: M;
  readonly facts: VersionFacts;
  /** What it was loaded from, for a rollback. */
  readonly source: ModuleBytes;
  readonly health: VersionHealth;
  /** Calls that are on this version now, waiting or running. */
  leases = 0;
  #closing: Promise<void> | undefined;
  #drainMs = 0;

  constructor(module: M, facts: VersionFacts, source: ModuleBytes, health: VersionHealth) {
    this.module = module;
    this.facts = facts;
    this.source = source;
    this.health = health;
  }

  /** True once it is no longer live: what then ends as "closed" was ended by the loader. */
  get retired(): boolean {
    return this.#closing !== undefined;
  }

  /** How long running calls were given when it retired, in milliseconds. */
  get drainMs(): number {
    return this.#drainMs;
  }

  /**
   * Turns waiting calls away in this very step, and closes the module when the running ones have ended, after `drainMs`
   * at the latest. Call it only when it is no longer live, or those calls come back.
   */
  retire(drainMs: number): Promise<void> {
    if (this.#closing === undefined) {
      this.#drainMs = drainMs;
      this.#closing = this.module.close({ drainMs });
    }
    return this.#closing;
  }
}
