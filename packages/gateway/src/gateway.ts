import type { Transport } from '@modelcontextprotocol/server';
import { Dispatcher } from './call/dispatcher.ts';
import { Drain } from './call/drain.ts';
import { Endpoint } from './call/endpoint.ts';
import { ParkedCalls } from './call/parked-calls.ts';
import { ServedList } from './call/served.ts';
import { Subscriptions } from './call/subscriptions.ts';
import { TaskOwners } from './call/task-owners.ts';
import { configDifference } from './config/difference.ts';
import { parseListen } from './config/gateway-section.ts';
import { parseConfig } from './config/parse-config.ts';
import type { GatewayConfig, LockgateFile } from './config/schema.ts';
import { GatewayClosedError } from './errors.ts';
import type { Guests } from './guests.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createBackendCall } from './monitor/backend-call.ts';
import type { Decision } from './monitor/decision.ts';
import type { GuardStatus } from './monitor/guards.ts';
import { MonitorService } from './monitor/monitor-service.ts';
import { openTelemetry } from './observe/open-telemetry.ts';
import { sessionTag } from './observe/session-tag.ts';
import type { Telemetry } from './observe/telemetry.ts';
import type { MetricsSnapshot } from './observer.ts';
import { serveConfig } from './serve-config.ts';
import { createDoor, type Door } from './server/door.ts';
import { httpListener } from './server/http.ts';
import { LegacyHttp } from './server/http-legacy.ts';
import { ModernHttp } from './server/http-modern.ts';
import { HttpServer } from './server/http-server.ts';
import { otherPages } from './server/other-pages.ts';
import { isRevoked } from './server/revoked.ts';
import { openStdio, type StdioFront } from './server/stdio.ts';
import { createServer } from './server/tls.ts';
import { Announcer } from './session/announcer.ts';
import { Sessions } from './session/sessions.ts';
import { createMemoryStore } from './state/memory-store.ts';
import type { Caller } from './upstream/peer.ts';
import type { UpstreamStatus } from './upstream/upstream.ts';
import { VERSION } from './version.ts';

/** How long clients that come early wait for servers that are still starting, in milliseconds. */
const START_WINDOW_MS = 5_000;

export interface GatewayOptions {
  /** How long clients that come early wait for servers that are still starting. @default 5_000 */
  readonly startWindowMs?: number;
  /** @default silent */
  readonly logger?: Logger;
  /** Receives all that the reference monitor knew and decided of each call: tags and counts, never contents. */
  readonly onDecision?: (decision: Decision) => void;
}

export interface GatewayStatus {
  readonly state: 'running' | 'closing' | 'closed';
  readonly upstreams: readonly UpstreamStatus[];
  /** Guards in front of servers; one with a failure denies every call of its server. */
  readonly guards: readonly GuardStatus[];
  readonly sessions: number;
  /** Requests that are being answered now. */
  readonly running: number;
}

export interface ServeStdioOptions {
  /** Serves only this server or plugin, its names as they are. @default all */
  readonly server?: string;
  /** @default the process's stdin and stdout */
  readonly transport?: Transport;
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
  /** Serves one client until it goes: over stdin and stdout, or another transport; everything, or one server as it is. */
  serveStdio(options?: ServeStdioOptions): Promise<void>;
  /** Applies the difference to a changed configuration, and reads certificates again; what is the same goes on undisturbed. */
  reconfigure(next: LockgateFile): Promise<void>;
  status(): GatewayStatus;
  /** Takes no new work, lets running calls finish for "gateway.shutdownTimeoutMs", and ends everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a gateway from a configuration. Servers and plugins begin to start at once, all together; a client that asks for
 * one that is not there yet waits a little for it.
 *
 * @throws GATEWAY_CONFIG for a configuration that is none.
 */
export async function createGateway(config: LockgateFile, options: GatewayOptions = {}): Promise<Gateway> {
  const parsed = parseConfig(config);
  const { logger = silentLogger } = options;
  // The metrics ask the gateway for its state, which does not exist before they do.
  const snapshot = (): MetricsSnapshot => gateway.status();
  const gateway = new LockgateGateway(parsed, await openTelemetry(parsed.gateway, snapshot, logger), options);
  return gateway;
}

class LockgateGateway implements Gateway {
  readonly #logger: Logger;
  readonly #monitor: MonitorService;
  readonly #served = new ServedList();
  readonly #subscriptions = new Subscriptions();
  readonly #tasks = new TaskOwners();
  readonly #parked = new ParkedCalls();
  readonly #drain = new Drain();
  readonly #sessions: Sessions;
  readonly #modern: ModernHttp;
  readonly #announcer: Announcer;
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #startWindow: Promise<void>;
  readonly #startTimer: NodeJS.Timeout;
  readonly #telemetry: Telemetry;
  #door: Door | undefined;
  #guests: Promise<Guests> | undefined;
  #config: GatewayConfig;
  #http: HttpServer | undefined;
  #stdio: StdioFront | undefined;
  #state: GatewayStatus['state'] = 'running';
  #reconfiguring: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    config: GatewayConfig,
    telemetry: Telemetry,
    { logger = silentLogger, onDecision, startWindowMs = START_WINDOW_MS }: GatewayOptions,
  ) {
    this.#config = config;
    this.#telemetry = telemetry;
    this.#logger = logger;
    this.#monitor = new MonitorService({
      store: createMemoryStore({ now: () => performance.now(), logger }),
      loader: async () => (await this.#guestsOf(this.#config)).loader,
      callBackend: createBackendCall((server) => this.#served.get(server)),
      logger,
      now: Date.now,
      onDecision: (decision) => {
        onDecision?.(decision);
        telemetry.decided(decision);
        if (decision.verdict === 'allowed') return;
        const { session, ...said } = decision;
        logger.info(
          { decision: { ...said, session: sessionTag(session) } },
          'the reference monitor withheld something',
        );
      },
    });
    const { maxSessions, sessionIdleMs } = config.gateway.limits;
    this.#sessions = new Sessions({
      maxSessions,
      idleMs: sessionIdleMs,
      now: Date.now,
      onEnd: ({ peer }) => {
        this.#subscriptions.forget(peer.key);
        this.#monitor.evict({ principal: peer.caller.name, session: peer.key });
        for (const { upstream } of this.#served.all) upstream.forget(peer);
      },
    });
    this.#modern = new ModernHttp(this.#subscriptions, logger, maxSessions);
    const sessions = this.#sessions;
    this.#announcer = new Announcer({
      sessions,
      modern: this.#modern,
      subscriptions: this.#subscriptions,
      tasks: this.#tasks,
      logger,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#startWindow = promise;
    this.#startTimer = setTimeout(resolve, startWindowMs);
    this.#startTimer.unref();
    void this.#serve(undefined, config);
  }

  async started(): Promise<void> {
    const settled = Promise.allSettled(this.#served.all.map(({ upstream }) => upstream.settled));
    await Promise.race([settled, this.#startWindow]);
  }

  async listen(): Promise<{ readonly url: string }> {
    this.#mustBeOpen();
    const { gateway } = this.#config;
    const telemetry = this.#telemetry;
    const door = (): Door => (this.#door ??= createDoor(this.#config.gateway));
    door();
    const listener = httpListener({
      door,
      telemetry,
      maxBodyBytes: gateway.limits.maxBodyBytes,
      dispatcherFor: (path) => this.#dispatcherFor(path),
      other: otherPages({ door, telemetry, metrics: gateway.metrics, status: () => this.status() }),
      legacy: new LegacyHttp(this.#sessions, Date.now),
      modern: this.#modern,
      open: () => this.#state === 'running',
      logger: this.#logger,
    });
    this.#http = new HttpServer(createServer(gateway, listener));
    const { host, port } = parseListen(gateway.listen) ?? { host: '127.0.0.1', port: 0 };
    return this.#http.listen(host, port, gateway.tls ? 'https' : 'http');
  }

  async serveStdio({ server, transport }: ServeStdioOptions = {}): Promise<void> {
    this.#mustBeOpen();
    this.#stdio = openStdio({
      dispatcher: this.#dispatcher(server),
      sessions: this.#sessions,
      subscriptions: this.#subscriptions,
      logger: this.#logger,
      now: Date.now,
      ...(transport && { transport }),
    });
    await this.#stdio.closed;
    await this.#drain.settled(this.#config.gateway.shutdownTimeoutMs);
  }

  reconfigure(next: LockgateFile): Promise<void> {
    this.#mustBeOpen();
    const config = parseConfig(next);
    const door = this.#http && createDoor(config.gateway);
    this.#http?.renewCertificates(this.#config.gateway.tls);
    this.#reconfiguring = this.#reconfiguring.then(async () => {
      if (this.#state !== 'running') return;
      const before = this.#config;
      this.#config = config;
      this.#door = door;
      const revoked = ({ name }: Caller): boolean => isRevoked(name, before.gateway.auth, config.gateway.auth);
      await Promise.all([
        this.#serve(before, config),
        this.#sessions.endWhere(({ peer }) => revoked(peer.caller)),
        this.#modern.endWhere(revoked),
      ]);
    });
    return this.#reconfiguring;
  }

  status(): GatewayStatus {
    return {
      state: this.#state,
      upstreams: this.#served.all.map(({ upstream }) => upstream.status()),
      guards: this.#monitor.status,
      sessions: this.#sessions.size,
      running: this.#drain.running,
    };
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
    if (!(await this.#drain.settled(timeoutMs))) {
      this.#logger.warn({ running: this.#drain.running, timeoutMs }, 'calls did not end in time and are cut');
    }
    this.#parked.closeAll();
    await Promise.allSettled([this.#stdio?.close(), this.#sessions.closeAll(), this.#modern.closeAll()]);
    await this.#http?.close();
    await Promise.allSettled(this.#served.all.map(({ upstream }) => upstream.close()));
    await (await this.#guests)?.close();
    await this.#telemetry.close();
    this.#state = 'closed';
  }

  /** Starts what is new, ends what is gone, and leaves alone what is the same in both configurations. */
  async #serve(before: GatewayConfig | undefined, config: GatewayConfig): Promise<void> {
    // First of all: no server is served before its rule holds.
    const guarded = this.#monitor.apply(config);
    const gone = serveConfig({
      config,
      difference: before && configDifference(before, config),
      served: this.#served,
      events: this.#announcer,
      guests: () => this.#guestsOf(config),
      logger: this.#logger,
    });
    const naming = ({ prefix, prefixSeparator }: GatewayConfig['gateway']): string => prefix + prefixSeparator;
    if (before && naming(before.gateway) !== naming(config.gateway)) this.#dispatchers.clear();
    await Promise.all([gone, guarded]);
  }

  #guestsOf(config: GatewayConfig): Promise<Guests> {
    if (this.#state !== 'running') return Promise.reject(new GatewayClosedError());
    this.#guests ??= this.#openGuests(config);
    return this.#guests;
  }

  async #openGuests({ gateway: { wasmCacheDir } }: GatewayConfig): Promise<Guests> {
    // Loaded on demand: a gateway without guests needs no WebAssembly.
    const { openGuests } = await import('./guests.ts');
    const guests = await openGuests({ cacheDirectory: wasmCacheDir, logger: this.#logger });
    guests.onReload((name) => void this.#served.get(name)?.upstream.reloaded?.());
    return guests;
  }

  #dispatcherFor(path: string): Dispatcher | undefined {
    if (path === '/mcp' || path === '/mcp/')
      return this.#config.gateway.mode === 'unified' ? this.#dispatcher() : undefined;
    const server = path.startsWith('/mcp/') ? decode(path.slice('/mcp/'.length)) : undefined;
    return server !== undefined && this.#served.get(server) ? this.#dispatcher(server) : undefined;
  }

  #dispatcher(server?: string): Dispatcher {
    const key = server ?? '';
    const known = this.#dispatchers.get(key);
    if (known) return known;
    const { prefix, prefixSeparator: separator } = this.#config.gateway;
    const endpoint = new Endpoint({
      ...(server !== undefined && { server }),
      served: this.#served,
      naming: { prefix, separator },
      info: { name: 'lockgate', title: 'Lockgate', version: VERSION },
      startWindow: this.#startWindow,
    });
    const dispatcher = new Dispatcher({
      endpoint,
      monitor: this.#monitor,
      parked: this.#parked,
      subscriptions: this.#subscriptions,
      tasks: this.#tasks,
      drain: this.#drain,
      telemetry: this.#telemetry,
    });
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }

  #mustBeOpen(): void {
    if (this.#state !== 'running') throw new GatewayClosedError();
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
