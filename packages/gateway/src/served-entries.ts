import { type ConfigDifference, configDifference } from './config/difference.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Redact } from './config/secrets.ts';
import type { UpstreamControl } from './console/console-sources.ts';
import { discoveryOf, type GatewayParts } from './gateway-parts.ts';
import type { LazyGuests } from './lazy-guests.ts';
import type { Logger } from './logger.ts';
import { serveConfig } from './serve-config.ts';
import { WatchedServers } from './watched-servers.ts';

export interface ServedEntriesOptions {
  readonly parts: GatewayParts;
  readonly guests: LazyGuests;
  readonly logger: Logger;
  readonly redact: Redact;
  /** Whether the gateway still takes work. */
  readonly isOpen: () => boolean;
}

const NOTHING = { added: [], removed: [], changed: [] };

/** Keeps what is served to the configuration, and to what an operator has switched off until the next start. One change after another. */
export class ServedEntries implements UpstreamControl {
  readonly disabled: Set<string> = new Set<string>();
  readonly #options: ServedEntriesOptions;
  readonly #watched: WatchedServers;
  #turn: Promise<void> = Promise.resolve();
  /** As the file has it, and as it is served. */
  #config: GatewayConfig | undefined;
  #served: GatewayConfig | undefined;

  constructor(options: ServedEntriesOptions) {
    this.#options = options;
    this.#watched = new WatchedServers({
      logger: options.logger,
      renew: (name) => this.#renew(name),
      refuse: (name, reason) => options.parts.served.get(name)?.upstream.refused?.(reason),
    });
  }

  /** Looks for changes no more. What is served is closed by others. */
  close(): Promise<void> {
    return this.#watched.close();
  }

  /** Does something once what was begun before has come to its end; that may have failed. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Starts what is new, ends what is gone, and leaves alone what is the same as before. */
  apply(config: GatewayConfig): Promise<void> {
    this.#config = config;
    const next = this.#withoutDisabled(config);
    const before = this.#served;
    return this.#serve(next, before && configDifference(before, next));
  }

  restart(name: string): Promise<void> {
    return this.inTurn(async () => {
      const { parts, isOpen } = this.#options;
      if (!isOpen() || !this.#served || !parts.served.get(name)) return;
      const changed = { ...NOTHING, changed: [name] };
      await this.#serve(this.#served, {
        plugins: changed,
        guards: NOTHING,
        mcpServers: changed,
        roles: NOTHING,
        profiles: NOTHING,
        limits: NOTHING,
        gateway: [],
      });
    });
  }

  async #renew(name: string): Promise<boolean> {
    const { parts, isOpen } = this.#options;
    const served = parts.served.get(name);
    if (!isOpen() || !(await served?.upstream.renew?.())) return false;
    served?.forwarder.renewed();
    return true;
  }

  disable(name: string): Promise<void> {
    this.disabled.add(name);
    return this.#again();
  }

  enable(name: string): Promise<void> {
    this.disabled.delete(name);
    return this.#again();
  }

  #again(): Promise<void> {
    return this.inTurn(async () => {
      if (this.#config && this.#options.isOpen()) await this.apply(this.#config);
    });
  }

  async #serve(config: GatewayConfig, difference: ConfigDifference | undefined): Promise<void> {
    const { parts, guests, logger, redact } = this.#options;
    const {
      monitor,
      served,
      permissions,
      limits,
      pins,
      approvals,
      leaving,
      announcer,
      endpoints,
      programs,
      scripts,
      logins,
    } = parts;
    this.#served = config;
    programs.allow(config.gateway.startConcurrency);
    // First of all: no server is served before its rule holds.
    const guarded = monitor.apply(config);
    permissions.replace(config);
    limits.replace(config.limits);
    pins.apply(config.gateway.pins);
    approvals.replace(config.gateway.approvals);
    const gone = serveConfig({
      config,
      difference,
      served,
      leaving,
      programs,
      logins,
      events: announcer,
      guests: () => guests.open(config),
      logger,
      redact,
      isGuarded: (server) => monitor.readsContents(server),
      pins,
    });
    const { prefix, prefixSeparator: separator, portableNames: portable } = config.gateway;
    endpoints.rename({ prefix, separator, portable }, config.profiles);
    const isOfferChanged = scripts.limit(config.gateway.scripts);
    if (endpoints.rediscover(discoveryOf(config)) || isOfferChanged) announcer.viewsChanged();
    this.#watched.apply(config);
    await Promise.all([gone, guarded]);
  }

  #withoutDisabled(config: GatewayConfig): GatewayConfig {
    if (this.disabled.size === 0) return config;
    const off = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(
        Object.entries(entries).map(([name, entry]) => [
          name,
          this.disabled.has(name) ? { ...entry, disabled: true } : entry,
        ]),
      );
    return { ...config, plugins: off(config.plugins), mcpServers: off(config.mcpServers) };
  }
}
