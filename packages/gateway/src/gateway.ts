import { randomUUID } from 'node:crypto';
import { isRevoked } from './access/revoked.ts';
import { servedStatus } from './call/served.ts';
import type { Embed } from './catalog/search/meanings.ts';
import { configDifference } from './config/difference.ts';
import { parseConfig } from './config/parse-config.ts';
import type { GatewayConfig, LockgateFile } from './config/schema.ts';
import { SecretMask } from './config/secret-mask.ts';
import { collectSecrets, type Redact } from './config/secrets.ts';
import type { PinDesk } from './consent/pin-report.ts';
import type { Console } from './console/console.ts';
import type { ConsoleSupport } from './console/console-sources.ts';
import { GatewayClosedError } from './errors.ts';
import { type OpenedConsole, openConsole } from './gateway-console.ts';
import { GatewayHttp } from './gateway-http.ts';
import { createParts, type GatewayParts } from './gateway-parts.ts';
import { type GatewayStatus, statusSeenBy } from './gateway-status.ts';
import { toHealth } from './http/health-source.ts';
import { LazyGuests } from './lazy-guests.ts';
import { type Logger, silentLogger } from './logger.ts';
import { masked } from './masked.ts';
import { refuseModules } from './modules/refuse-modules.ts';
import type { Decision } from './monitor/decision.ts';
import { openTelemetry } from './observe/open-telemetry.ts';
import type { Telemetry } from './observe/telemetry.ts';
import type { MetricsSnapshot } from './observer.ts';
import type { Caller } from './protocol/peer.ts';
import type { ServeStdioOptions } from './serve-stdio-options.ts';
import { ServedEntries } from './served-entries.ts';
import { openObjectClient } from './session/object-client.ts';
import { openPipeClient, type PipeClient } from './session/pipe-client.ts';
import { openStore } from './state/open-store.ts';
import type { StateStore } from './state/state-store.ts';

/** Whoever holds the pipe started the gateway, and is the operator. */
const OPERATOR: Caller = { name: 'stdio' };

/** How long clients that come early wait for servers that are still starting, in milliseconds. */
const START_WINDOW_MS = 5_000;

export interface GatewayOptions {
  /** How long clients that come early wait for servers that are still starting. @default 5_000 */
  readonly startWindowMs?: number;
  /** @default silent */
  readonly logger?: Logger;
  /**
   * Takes secrets out of what is told about servers: in errors, in health, in their state.
   *
   * @default masks what the configuration has in secret places, such as "env" and "headers"
   */
  readonly redact?: Redact;
  /** Receives all that the reference monitor knew and decided of each call: tags and counts, never contents. */
  readonly onDecision?: (decision: Decision) => void;
  /**
   * What the console and the admin socket need of the program around the gateway. With it `/console` is served as "gateway.console" says.
   *
   * @default neither is there
   */
  readonly console?: ConsoleSupport;
  /** Ranks what the tool `search` finds by meaning as well as by words. @default by words alone */
  readonly embed?: Embed;
}

/** A gateway that has been made; it serves once `listen` or `serveStdio` is called. */
export interface Gateway extends AsyncDisposable {
  /** Resolves when every server and plugin has started or failed to, or `startWindowMs` after the gateway was made. */
  started(): Promise<void>;
  /**
   * Listens at "gateway.listen".
   *
   * @throws GATEWAY_LISTEN when it cannot; GATEWAY_CONFIG when it would let everybody in from other machines.
   */
  listen(): Promise<{ readonly url: string }>;
  /** Serves one client until it goes: over stdin and stdout, or another transport; everything, a profile, or one server as it is. */
  serveStdio(options?: ServeStdioOptions): Promise<void>;
  /**
   * Applies the difference to a changed configuration, and reads certificates again; what is the same goes on undisturbed.
   *
   * @throws GATEWAY_CONFIG when it cannot be used, or names a module by "path" that could not be served; what was served
   *   stays. GATEWAY_CLOSED.
   */
  reconfigure(next: LockgateFile): Promise<void>;
  status(): GatewayStatus;
  /** What is approved of what servers offer, and what waits to be. */
  readonly pins: PinDesk;
  /** Goes on with a new audit log where somebody has moved the file away. */
  reopenLogs(): void;
  /**
   * Gives up what a caller has read and counted without a session, which nothing else does; false where that is nothing. It is the operator's to do, never an
   * agent's.
   *
   * @throws GATEWAY_STATE when the store keeps it; GATEWAY_CLOSED.
   */
  resetCaller(name: string): Promise<boolean>;
  /** A fresh address that signs in to the console once, within ten minutes; undefined where none would be taken. It is a secret of whoever started the gateway. */
  signInLink(): string | undefined;
  /** Takes no new work, lets running calls finish for "gateway.shutdownTimeoutMs", and ends everything. Idempotent. */
  close(): Promise<void>;
}

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
  const store = await openStore(parsed.gateway.state, { now: () => performance.now(), logger });
  const telemetry = await openTelemetry(parsed.gateway, snapshot, logger, opened?.watch.calls);
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
  #config: GatewayConfig;
  #http: GatewayHttp | undefined;
  #pipe: PipeClient | undefined;
  #state: GatewayStatus['state'] = 'running';
  #closing: Promise<void> | undefined;

  constructor(
    config: GatewayConfig,
    telemetry: Telemetry,
    store: StateStore,
    { logger = silentLogger, redact, onDecision, embed, startWindowMs = START_WINDOW_MS }: GatewayOptions,
    console: OpenedConsole | undefined,
  ) {
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
      logger,
      isOpen: () => this.#state === 'running',
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
    const isOpen = (): boolean => this.#state === 'running';
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
      auditLost: () => this.#telemetry.auditLost,
      ...this.#parts,
      control: this.#entries,
      loader: () => this.#guests.opened?.loader,
      logger,
      redact: this.#redact,
    });
    void this.#entries.apply(config);
  }

  async started(): Promise<void> {
    const settled = Promise.allSettled(this.#parts.served.all.map(({ upstream }) => upstream.settled));
    await Promise.race([settled, this.#startWindow]);
  }

  async listen(): Promise<{ readonly url: string }> {
    this.#mustBeOpen();
    this.#http = new GatewayHttp({
      config: this.#config,
      parts: this.#parts,
      observer: this.#telemetry,
      health: (caller) => toHealth(statusSeenBy(caller, this.status(), this.#parts.permissions)),
      isOpen: () => this.#state === 'running',
      console: this.#console,
      logger: this.#logger,
    });
    const listening = await this.#http.listen();
    this.#console?.listensAt(listening.url);
    return listening;
  }

  async serveStdio({ server, profile, discovery, transport }: ServeStdioOptions = {}): Promise<void> {
    this.#mustBeOpen();
    const { endpoints, pipeline, sessions, drain } = this.#parts;
    const { shutdownTimeoutMs } = this.#config.gateway;
    const options = {
      id: `stdio:${randomUUID()}`,
      caller: { ...OPERATOR, ...(discovery && { discovery }) },
      endpoint: endpoints.of(profile === undefined ? server : `@${profile}`),
      pipeline,
      sessions,
      isOpen: () => this.#state === 'running',
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
      if (this.#state !== 'running') return;
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

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<void> {
    this.#state = 'closing';
    clearTimeout(this.#startTimer);
    const timeoutMs = this.#config.gateway.shutdownTimeoutMs;
    const { drain, parked, listeners, sessions, served, leaving, keepAlive, programs, scripts, store, replicas } =
      this.#parts;
    listeners.closeAll();
    if (!(await drain.settled(timeoutMs))) {
      this.#logger.warn({ running: drain.running, timeoutMs }, 'calls did not end in time and are cut');
    }
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
