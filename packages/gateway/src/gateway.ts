import { randomUUID } from 'node:crypto';
import { isRevoked } from './access/revoked.ts';
import { servedStatus } from './call/served.ts';
import { configDifference } from './config/difference.ts';
import { parseConfig } from './config/parse-config.ts';
import type { GatewayConfig, LockgateFile } from './config/schema.ts';
import { SecretMask } from './config/secret-mask.ts';
import { collectSecrets, type Redact } from './config/secrets.ts';
import type { PinDesk } from './consent/pin-report.ts';
import type { Console } from './console/console.ts';
import { GatewayClosedError } from './errors.ts';
import { type OpenedConsole, openConsole } from './gateway-console.ts';
import type { Gateway, GatewayOptions } from './gateway-contract.ts';
import { GatewayHttp } from './gateway-http.ts';
import { createParts, type GatewayParts } from './gateway-parts.ts';
import { joinStatuses, type OtherProcesses } from './gateway-processes.ts';
import { type GatewayStatus, statusSeenBy } from './gateway-status.ts';
import { guestLogger } from './guest-logger.ts';
import type { HealthSource } from './http/health.ts';
import { toHealth } from './http/health-source.ts';
import { LazyGuests } from './lazy-guests.ts';
import { type Logger, silentLogger } from './logger.ts';
import { masked } from './masked.ts';
import { refuseModules } from './modules/refuse-modules.ts';
import { openTelemetry } from './observe/open-telemetry.ts';
import type { Telemetry } from './observe/telemetry.ts';
import type { MetricsSnapshot, MetricsSource } from './observer.ts';
import type { Caller } from './protocol/peer.ts';
import type { ServeStdioOptions } from './serve-stdio-options.ts';
import { ServedEntries } from './served-entries.ts';
import { openObjectClient } from './session/object-client.ts';
import { openPipeClient, type PipeClient } from './session/pipe-client.ts';
import { openStore } from './state/open-store.ts';
import type { StateStore } from './state/state-store.ts';

export type { Gateway, GatewayOptions } from './gateway-contract.ts';

/** Whoever holds the pipe started the gateway, and is the operator. */
const OPERATOR: Caller = { name: 'stdio' };

/** How long clients that come early wait for servers that are still starting, in milliseconds. */
const START_WINDOW_MS = 5_000;

/**
 * Makes a gateway from a configuration. Servers and plugins begin to start at once, programs so many at a time as
 * "gateway.startConcurrency" says; a client that asks for one that is not there yet waits a little for it.
 *
 * @throws GATEWAY_CONFIG for a configuration that is none; GATEWAY_STATE where the state store that it names cannot be reached.
 */
export async function createGateway(config: LockgateFile, options: GatewayOptions = {}): Promise<Gateway> {
  const parsed = parseConfig(config);
  const { logger = silentLogger } = options;
  // The metrics ask the gateway for its state, which does not exist before they do.
  const snapshot = (): MetricsSnapshot => gateway.status();
  const opened = options.console && (await openConsole(options.console, parsed.gateway));
  const { processes } = options;
  const isElsewhere = processes !== undefined && parsed.gateway.state === undefined;
  const store = isElsewhere
    ? processes.store
    : await openStore(parsed.gateway.state, { now: () => performance.now(), logger });
  const watcher = opened?.watch.calls;
  const telemetry = await openTelemetry(parsed.gateway, { snapshot, logger, watcher, process: processes?.number });
  const gateway = new LockgateGateway(parsed, telemetry, store, options, opened);
  await opened?.openSocket();
  return gateway;
}

class LockgateGateway implements Gateway {
  readonly #logger: Logger;
  readonly #mask = new SecretMask([]);
  readonly #redact: Redact;
  readonly #telemetry: Telemetry;
  readonly #parts: GatewayParts;
  readonly #guests: LazyGuests;
  readonly #startWindow: Promise<void>;
  readonly #startTimer: NodeJS.Timeout;
  readonly #entries: ServedEntries;
  readonly #console: Console | undefined;
  readonly #processes: OtherProcesses | undefined;
  #config: GatewayConfig;
  #http: GatewayHttp | undefined;
  #pipe: PipeClient | undefined;
  #state: GatewayStatus['state'] = 'running';
  /** One that leaves says so, and goes on taking work. */
  #takesWork = true;
  #leaving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    config: GatewayConfig,
    telemetry: Telemetry,
    store: StateStore,
    {
      logger = silentLogger,
      redact,
      onDecision,
      embed,
      startWindowMs = START_WINDOW_MS,
      processes,
      console: support,
    }: GatewayOptions,
    console: OpenedConsole | undefined,
  ) {
    this.#processes = processes;
    this.#config = config;
    this.#telemetry = telemetry;
    this.#logger = logger;
    this.#redact = redact ?? this.#mask.redact;
    this.#mask.add(collectSecrets(config));
    const { promise: startWindow, resolve } = Promise.withResolvers<void>();
    this.#startWindow = startWindow;
    this.#startTimer = setTimeout(resolve, startWindowMs);
    this.#startTimer.unref();
    this.#guests = new LazyGuests({
      logger: guestLogger(logger, (plugin) => this.#parts.monitor.readsContents(plugin)),
      isOpen: () => this.#takesWork,
      onReload: (name) => {
        const reloaded = this.#parts.served.get(name)?.upstream;
        void reloaded?.reloaded?.();
        // Else it is a guard, whose new version grants anew.
        if (reloaded?.kind !== 'plugin') this.#parts.sessions.dropKept();
      },
    });
    this.#parts = createParts({
      config: () => this.#config,
      store,
      logger,
      flag: support?.configuration?.flag ?? '',
      redact: this.#redact,
      observer: telemetry,
      onDecision: (decision) => {
        onDecision?.(decision);
        console?.watch.decisions.decided(decision);
      },
      guests: () => this.#guests.open(this.#config),
      embed,
      startWindow,
    });
    const isOpen = (): boolean => this.#takesWork;
    this.#entries = new ServedEntries({
      parts: this.#parts,
      guests: this.#guests,
      logger,
      redact: this.#redact,
      isOpen,
    });
    this.#console = console?.make({
      config: () => this.#config,
      status: () => this.status(),
      process: processes?.number,
      auditLost: () => this.#telemetry.auditLost,
      ...this.#parts,
      control: this.#entries,
      loader: () => this.#guests.opened?.loader,
      logger,
      redact: this.#redact,
    });
    void this.#entries.apply(config);
  }

  async started(mostMs?: number): Promise<void> {
    const settled = Promise.allSettled(this.#parts.served.all.map(({ upstream }) => upstream.settled));
    if (mostMs === undefined) return Promise.race([settled.then(() => undefined), this.#startWindow]);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, mostMs);
    await Promise.race([settled, late]);
    clearTimeout(timer);
  }

  async listen(): Promise<{ readonly url: string }> {
    this.#mustBeOpen();
    this.#parts.programs.share();
    this.#http = new GatewayHttp({
      config: this.#config,
      parts: this.#parts,
      observer: this.#telemetry,
      metrics: () => this.#metricsOfAll(),
      health: (caller) => this.#healthOfAll(caller),
      isOpen: () => this.#takesWork,
      isLeaving: () => this.#state !== 'running',
      console: this.#console,
      logger: this.#logger,
    });
    const listening = await this.#http.listen();
    this.#console?.listensAt(listening.url);
    return listening;
  }

  async serveStdio({ server, profile, discovery, transport }: ServeStdioOptions = {}): Promise<void> {
    this.#mustBeOpen();
    const { endpoints, pipeline, sessions, drain, programs } = this.#parts;
    if (this.#pipe) programs.share();
    const { shutdownTimeoutMs } = this.#config.gateway;
    const options = {
      id: `stdio:${randomUUID()}`,
      caller: { ...OPERATOR, ...(discovery && { discovery }) },
      endpoint: endpoints.of(profile === undefined ? server : `@${profile}`),
      pipeline,
      sessions,
      isOpen: () => this.#takesWork,
    };
    this.#pipe = transport
      ? openObjectClient(transport, options)
      : openPipeClient({ ...options, input: process.stdin, output: process.stdout });
    await this.#pipe.closed;
    await drain.settled(shutdownTimeoutMs);
  }

  // Async, so that what is refused at once rejects as well.
  async reconfigure(next: LockgateFile): Promise<void> {
    this.#mustBeOpen();
    const config = parseConfig(next);
    const takeOver = this.#http?.prepare(config);
    return this.#entries.inTurn(async () => {
      const before = this.#config;
      await refuseModules(config, configDifference(before, config));
      if (!this.#takesWork) return;
      this.#config = config;
      this.#mask.add(collectSecrets(config));
      takeOver?.();
      const { sessions, listeners } = this.#parts;
      const revoked = (caller: Caller): boolean => isRevoked(caller, before, config);
      sessions.endWhere(({ peer }) => revoked(peer.caller));
      listeners.endWhere(revoked);
      this.#http?.endWhere(revoked);
      await this.#entries.apply(config);
    });
  }

  status(): GatewayStatus {
    const { served, monitor, sessions, drain } = this.#parts;
    return {
      state: this.#state,
      upstreams: served.all.map((one) => masked(servedStatus(one), 'reason', this.#redact)),
      guards: monitor.status.map((one) => masked(one, 'failure', this.#redact)),
      sessions: sessions.size,
      running: drain.running,
    };
  }

  async metrics(): Promise<string> {
    return (await this.#telemetry.metricsText()).body;
  }

  get pins(): PinDesk {
    return this.#parts.pins;
  }

  reopenLogs(): void {
    this.#telemetry.reopen();
  }

  async resetCaller(name: string): Promise<boolean> {
    this.#mustBeOpen();
    return this.#parts.monitor.reset(name);
  }

  signInLink(): string | undefined {
    return this.#console?.signInLink()?.url;
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #metricsOfAll(): Promise<Awaited<ReturnType<MetricsSource['metricsText']>>> {
    const own = await this.#telemetry.metricsText();
    return this.#processes ? { ...own, body: await this.#processes.metrics(own.body) } : own;
  }

  async #healthOfAll(caller: Caller | undefined): Promise<HealthSource> {
    const { permissions, replicas } = this.#parts;
    if (!this.#processes)
      return { ...toHealth(statusSeenBy(caller, this.status(), permissions)), isCutOff: replicas.isCutOff };
    const { statuses, wanted } = await this.#processes.statuses();
    const all = [this.status(), ...statuses];
    const serving = all.filter(({ state }) => state === 'running').length;
    return {
      ...toHealth(statusSeenBy(caller, joinStatuses(all), permissions)),
      processes: { serving, wanted },
    };
  }

  async #leave(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'closing';
    await this.#http?.leave(this.#config.gateway.drainMs, this.#parts.store.isShared);
  }

  async #shutDown(): Promise<void> {
    // Whoever has left goes on with what its connections bring, which are none but those that it had.
    this.#takesWork = this.#leaving !== undefined && this.#parts.store.isShared;
    this.#state = 'closing';
    clearTimeout(this.#startTimer);
    const timeoutMs = this.#config.gateway.shutdownTimeoutMs;
    const { drain, parked, listeners, sessions, served, leaving, keepAlive, programs, scripts, store, replicas } =
      this.#parts;
    listeners.closeAll();
    const until = performance.now() + timeoutMs;
    let isSettled = await drain.settled(timeoutMs);
    if (isSettled && this.#takesWork) {
      // Before silence: a balancer sends the next request at once on a connection whose stream has ended.
      sessions.cutStreams();
      this.#http?.endStreams();
      await this.#http?.silent();
      isSettled = await drain.settled(Math.max(0, until - performance.now()));
    }
    if (!isSettled) {
      this.#logger.warn({ running: drain.running, timeoutMs }, 'calls did not end in time and are cut');
    }
    this.#takesWork = false;
    parked.closeAll();
    this.#pipe?.close();
    sessions.closeAll();
    this.#http?.endWhere(() => true);
    await this.#console?.close();
    await this.#http?.close();
    keepAlive.close();
    await this.#entries.close();
    await Promise.allSettled([leaving.closeAll(), ...served.all.map(({ upstream }) => upstream.close())]);
    await Promise.all([programs.close(), scripts.close()]);
    await this.#guests.close();
    await replicas.close();
    await Promise.all([store.close(), this.#parts.answers.close()]);
    await this.#telemetry.close();
    this.#state = 'closed';
  }

  #mustBeOpen(): void {
    if (this.#state !== 'running') throw new GatewayClosedError();
  }
}
