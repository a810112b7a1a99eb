import type { GuestRole } from '@lockgate/abi';
import { type GuestFailure, type Logger, ModuleClosedError } from '@lockgate/runtime';
import { ChangeQueue } from './change-queue.ts';
import { NameTakenError, NoRollbackError, SwapRejectedError, VersionFailingError } from './errors.ts';
import type { EventHub } from './event-hub.ts';
import type { LoadedEvent, LoaderEvents, SwapCause } from './events.ts';
import { Generation, type GuestModule, type VersionFacts } from './generation.ts';
import type { Leasable } from './lease.ts';
import type { ModuleIdentity, ModuleKind } from './module-kind.ts';
import { checkDigest, type ModuleBytes, type ResolvedSource } from './module-source.ts';
import { rejectionReason } from './rejection.ts';
import { VersionHealth } from './version-health.ts';
import type { ResolvedVersionOptions } from './version-options.ts';
import { warmUp } from './warm-up.ts';

/** What one entry of `list()` says. */
export interface ModuleSummary {
  readonly name: string;
  readonly kind: GuestRole;
  /** `crash-looping`: the live version fails so often that its calls fail fast now. */
  readonly state: 'loading' | 'live' | 'changing' | 'crash-looping';
  /** Where the next `reload` reads from. */
  readonly source: string;
  /** The live version; null while the first one is loading. */
  readonly live: VersionFacts | null;
  /** Calls on the live version now, waiting or running. */
  readonly leases: number;
  /** Versions that were replaced and still finish their calls. */
  readonly draining: number;
  /** Versions that `rollback` can go back to. */
  readonly kept: number;
  /**
   * Why the live version is in a crash loop; else why the version before was rolled back by itself, or the newest attempt
   * to change it failed; null once one has succeeded.
   */
  readonly lastError: SwapRejectedError | VersionFailingError | null;
}

/** What an entry is made of. */
export interface LoadedModuleOptions<M extends GuestModule, K extends ModuleKind<M>> {
  readonly kind: K;
  readonly origin: ResolvedSource;
  readonly name: string | undefined;
  readonly version: ResolvedVersionOptions;
  readonly events: EventHub<LoaderEvents>;
  readonly logger: Logger | undefined;
  readonly now: () => number;
}

/** What may become the next version: an origin to read, bytes that were found there already, or kept bytes alone. */
type Candidate =
  | { readonly origin: ResolvedSource; readonly found: ModuleBytes | undefined }
  | { readonly origin?: undefined; readonly found: ModuleBytes };

/** All versions of one module, from its load to its unload. Its live version changes in one synchronous step. */
export class LoadedModule<M extends GuestModule, K extends ModuleKind<M> = ModuleKind<M>> implements Leasable<M> {
  readonly kind: K;
  /** The name given at loading; undefined where the guest was asked. */
  readonly givenName: string | undefined;
  name: string;
  live: Generation<M> | undefined;
  /** The newest version that was ever live, for its figures. */
  newest: Generation<M> | undefined;
  readonly #options: LoadedModuleOptions<M, K>;
  readonly #changes = new ChangeQueue();
  readonly #ending = new AbortController();
  readonly #draining = new Set<Promise<void>>();
  readonly #kept: ModuleBytes[] = [];
  #origin: ResolvedSource;
  #lastError: SwapRejectedError | VersionFailingError | null = null;
  #ended: Promise<void> | undefined;

  constructor(options: LoadedModuleOptions<M, K>) {
    this.kind = options.kind;
    this.givenName = options.name;
    this.name = options.name ?? options.origin.label;
    this.#options = options;
    this.#origin = options.origin;
  }

  /** How its versions are found and changed. */
  get version(): ResolvedVersionOptions {
    return this.#options.version;
  }

  /** Where the next reload reads from. */
  get origin(): ResolvedSource {
    return this.#origin;
  }

  /**
   * Loads the first version. `claim` is called with its name just before it goes live, and may refuse it.
   *
   * @throws LOADER_SWAP_REJECTED, RUNTIME_MODULE_CLOSED when it was unloaded meanwhile, and what `claim` throws.
   */
  load(found: ModuleBytes | undefined, claim: (name: string) => void): Promise<VersionFacts> {
    return this.#changes.run(() => this.#change('load', { origin: this.#origin, found }, claim));
  }

  /** Replaces the live version by what the origin has now; the origin is remembered once it has proven good. */
  reload(cause: 'reload' | 'watch', origin?: ResolvedSource, found?: ModuleBytes): Promise<VersionFacts> {
    return this.#changes.run(() => this.#change(cause, { origin: origin ?? this.#origin, found }), 'swap');
  }

  /** What is live is what is wanted: whatever was rejected is wanted no longer. */
  pardon(): void {
    if (!this.#changes.busy) this.#lastError = null;
  }

  /** @throws LOADER_NO_ROLLBACK when no earlier version is kept. */
  rollback(): Promise<VersionFacts> {
    return this.#changes.run(async () => {
      const target = this.#kept.at(-1);
      if (target === undefined) throw new NoRollbackError({ module: this.name, keep: this.#options.version.keep });
      return this.#change('rollback', { found: target });
    }, 'swap');
  }

  /** Makes a change of another sort on the live version, while no swap is under way. */
  change<T>(work: (live: Generation<M>) => Promise<T>): Promise<T> {
    return this.#changes.run(() => (this.live ? work(this.live) : Promise.reject(this.#closedError())));
  }

  /** Takes the live version away, in this very step, and closes all there is. Idempotent and shared. */
  end(drainMs: number = this.#options.version.drainMs): Promise<void> {
    this.#ended ??= this.#end(drainMs);
    return this.#ended;
  }

  summary(): ModuleSummary {
    const { live } = this;
    const crashLoop = live?.health.crashLoop;
    const steady = crashLoop ? 'crash-looping' : 'live';
    return {
      name: this.name,
      kind: this.kind.role,
      state: live === undefined ? 'loading' : this.#changes.busy ? 'changing' : steady,
      source: this.#origin.label,
      live: live?.facts ?? null,
      leases: live?.leases ?? 0,
      draining: this.#draining.size,
      kept: this.#kept.length,
      lastError: live && crashLoop ? this.#failing(live, crashLoop) : this.#lastError,
    };
  }

  async #change(cause: SwapCause, candidate: Candidate, claim?: (name: string) => void): Promise<VersionFacts> {
    const signal = this.#ending.signal;
    let digest: string | undefined;
    try {
      signal.throwIfAborted();
      const source = await obtain(candidate, signal);
      digest = source.digest;
      // The first version is asked for its own name where none was given; later ones bear the name of the entry.
      const name = this.live === undefined ? this.givenName : this.name;
      const health = new VersionHealth();
      const onFailure = (failure: GuestFailure): void => this.#failed(health, failure);
      return await warmUp(this.kind, { bytes: source.bytes, name, signal, onFailure }, (module, identity) => {
        claim?.(identity.name);
        this.#origin = candidate.origin ?? this.#origin;
        return this.#goLive(module, identity, source, cause, health);
      });
    } catch (error) {
      throw this.#rejection(cause, error, digest);
    }
  }

  /** The swap. Synchronous from end to end: no caller finds a moment between the two versions. */
  #goLive(
    module: M,
    identity: ModuleIdentity,
    source: ModuleBytes,
    cause: SwapCause,
    health: VersionHealth,
  ): VersionFacts {
    const previous = this.live;
    const facts: VersionFacts = {
      generation: (this.newest?.facts.generation ?? 0) + 1,
      version: identity.version,
      digest: source.digest,
      loadedAt: this.#options.now(),
    };
    this.name = this.givenName ?? (previous === undefined ? identity.name : this.name);
    this.live = this.newest = new Generation(module, facts, source, health);
    const gaveUp = cause === 'failures' ? previous?.health.newest : undefined;
    this.#lastError = previous && gaveUp ? this.#failing(previous, gaveUp) : null;
    const event: LoadedEvent = { ...facts, name: this.name, kind: this.kind.role };
    if (previous === undefined) {
      this.#options.logger?.info({ module: this.name, ...facts }, 'module loaded');
      this.#options.events.emit('loaded', event);
      return facts;
    }
    this.#remember(previous.source, source, cause);
    this.#options.logger?.info({ module: this.name, cause, ...facts }, 'module swapped');
    this.#options.events.emit('reloaded', { ...event, cause, previous: previous.facts });
    this.#retire(previous, this.#options.version.drainMs);
    return facts;
  }

  #remember(previous: ModuleBytes, next: ModuleBytes, cause: SwapCause): void {
    if (cause === 'rollback' || cause === 'failures') this.#kept.pop();
    else if (previous.digest !== next.digest) this.#kept.push(previous);
    if (this.#kept.length > this.#options.version.keep) this.#kept.shift();
  }

  /** A version has failed; rolls back by itself where that was once too often. */
  #failed(health: VersionHealth, failure: GuestFailure): void {
    const tooOften = health.failed(failure, this.#options.version.rollbackAfter);
    if (!tooOften || this.live?.health !== health) return;
    // Of no kind: it takes no other change's place. What it fails of is told as every rejection is.
    this.#changes.run(() => this.#giveUp(health, failure)).catch(() => undefined);
  }

  async #giveUp(health: VersionHealth, failure: GuestFailure): Promise<void> {
    const { live } = this;
    const target = this.#kept.at(-1);
    if (live?.health !== health) return; // another change was quicker
    const error = this.#failing(live, failure);
    const { logger } = this.#options;
    if (target === undefined) {
      logger?.error({ module: this.name, err: error }, 'a version keeps failing, and none is kept to go back to');
      return;
    }
    logger?.error({ module: this.name, err: error }, 'a version keeps failing; going back to the one before');
    await this.#change('failures', { found: target });
  }

  #failing({ facts: { generation } }: Generation<M>, { failures, cause }: GuestFailure): VersionFailingError {
    return new VersionFailingError({ module: this.name, generation, failures }, { cause });
  }

  #retire(generation: Generation<M>, drainMs: number): void {
    const closing = generation.retire(drainMs).finally(() => this.#draining.delete(closing));
    this.#draining.add(closing);
    const event: LoadedEvent = { ...generation.facts, name: this.name, kind: this.kind.role };
    closing.then(
      () => this.#options.events.emit('drained', event),
      (error: unknown) => {
        this.#options.logger?.warn({ ...event, err: error }, 'a replaced module did not close cleanly');
        this.#options.events.emit('drained', { ...event, error });
      },
    );
  }

  #rejection(cause: SwapCause, error: unknown, digest: string | undefined): Error {
    if (this.#ending.signal.aborted) return this.#closedError();
    if (error instanceof NameTakenError) return error;
    if (cause === 'load' && error instanceof TypeError) return error; // options that the runtime does not take
    const reason = rejectionReason(error);
    const facts = { module: this.name, reason, ...(digest === undefined ? {} : { digest }) };
    const isFirst = cause === 'load';
    const rejection = new SwapRejectedError(facts, { cause: error, isFirst });
    this.#lastError = rejection;
    // Whoever loads is told by the rejection, and may try again and again; changes come by themselves.
    if (!isFirst) this.#options.logger?.warn({ ...facts, cause, err: rejection }, 'a new version was rejected');
    this.#options.events.emit('rejected', { name: this.name, kind: this.kind.role, cause, error: rejection });
    return rejection;
  }

  async #end(drainMs: number): Promise<void> {
    const { live } = this;
    this.live = undefined;
    this.#ending.abort(this.#closedError());
    if (live) this.#retire(live, drainMs);
    await this.#changes.end(() => this.#closedError());
    const closed = await Promise.allSettled(this.#draining);
    const failures = closed.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, `"${this.name}" did not close cleanly.`);
  }

  #closedError(): ModuleClosedError {
    return new ModuleClosedError({ module: this.name });
  }
}

async function obtain(candidate: Candidate, signal: AbortSignal): Promise<ModuleBytes> {
  if (candidate.origin === undefined) return candidate.found; // kept bytes were checked when they were new
  const { origin, found } = candidate;
  if (found === undefined) return origin.read(signal);
  checkDigest(origin, found);
  return found;
}
