import { type AccessControl, createAccessControl } from './access/access-control.ts';
import { Attempts } from './access/attempts.ts';
import { parseListen } from './config/gateway-section.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Console } from './console/console.ts';
import type { GatewayLogins } from './gateway-logins.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { connectRoutes } from './http/connect-pages.ts';
import { Elsewhere } from './http/elsewhere.ts';
import type { HealthSource } from './http/health.ts';
import { Holders } from './http/holders.ts';
import { httpListener } from './http/listener.ts';
import { McpRequests } from './http/mcp-requests.ts';
import { servePassed } from './http/passed.ts';
import { targetOfPath } from './http/path-target.ts';
import { pageRoutes } from './http/routes.ts';
import { SessionRequests } from './http/session-requests.ts';
import { SseEndpoint } from './http/sse-endpoint.ts';
import { SseRequests } from './http/sse-requests.ts';
import { StatelessRequests } from './http/stateless-requests.ts';
import type { BodyLimit } from './http/too-large.ts';
import type { Logger } from './logger.ts';
import type { MetricsSource, Observer } from './observer.ts';
import type { Caller } from './protocol/peer.ts';
import { RequestsPassedHere } from './replicas/passed-here.ts';
import { Passing } from './replicas/passing.ts';
import type { Replicas } from './replicas/replicas.ts';
import { HttpServer } from './transport/http-server.ts';
import { QuickConnections } from './transport/quick/quick-connections.ts';
import { createServer } from './transport/tls.ts';

export interface GatewayHttpOptions {
  readonly config: GatewayConfig;
  readonly parts: GatewayParts;
  readonly observer: Observer;
  readonly metrics: MetricsSource['metricsText'];
  /** What a caller may know of the gateway's state; everything where the caller is unknown. */
  readonly health: (caller: Caller | undefined) => Promise<HealthSource>;
  readonly isOpen: () => boolean;
  /** Whether others are to take over what they can, though work is still taken. */
  readonly isLeaving: () => boolean;
  /** Serves pages of its own, where it is on. */
  readonly console: Pick<Console, 'routes' | 'userOf'> | undefined;
  readonly logger: Logger;
}

/** The gateway as it is reached over HTTP. */
export class GatewayHttp {
  readonly #server: HttpServer;
  readonly #stateless: StatelessRequests;
  readonly #sse: SseRequests;
  readonly #logins: GatewayLogins;
  readonly #replicas: Replicas;
  readonly #passing: Passing;
  readonly #passedHere: RequestsPassedHere;
  #config: GatewayConfig;
  #access: AccessControl;

  /** @throws GATEWAY_CONFIG when it would let everybody in from other machines, or a certificate cannot be used. */
  constructor({ config, parts, observer, metrics, health, isOpen, isLeaving, console, logger }: GatewayHttpOptions) {
    const { gateway } = config;
    const { pipeline, keepAlive, httpSessions, sessions, endpoints, served, permissions, monitor, logins } = parts;
    const { replicas } = parts;
    this.#logins = logins;
    this.#config = config;
    this.#access = createAccessControl(gateway, logins.noteToken);
    this.#passing = new Passing(replicas, logger);
    const elsewhere = new Elsewhere({
      holders: new Holders({ name: replicas.name, tasks: parts.tasks }),
      passing: this.#passing,
      sessions: httpSessions,
      drain: parts.drain,
    });
    this.#stateless = new StatelessRequests(pipeline, keepAlive, elsewhere);
    this.#sse = new SseRequests({ pipeline, sessions, keepAlive, isOpen, replica: replicas.name });
    const access = (): AccessControl => this.#access;
    // One count for every page that looks at a credential: whoever guesses gains nothing by going from one to the other.
    const attempts = new Attempts(() => performance.now());
    const bodies: BodyLimit = {
      maxBodyBytes: gateway.limits.maxBodyBytes,
      onTooLarge: ({ request }) =>
        observer.turnedAway({ status: 413, reason: 'body-size', remoteAddress: request.socket?.remoteAddress }),
    };
    const mcp = new McpRequests({
      sessions: new SessionRequests({ sessions: httpSessions, keepAlive, elsewhere, isLeaving }),
      stateless: this.#stateless,
      ...bodies,
      isOpen,
    });
    const sse = new SseEndpoint(this.#sse, bodies, elsewhere);
    this.#replicas = replicas;
    this.#passedHere = new RequestsPassedHere(replicas, (passed) =>
      servePassed(passed, { mcp, sse, endpoints, served, logger }),
    );
    const listener = httpListener({
      access,
      observer,
      routes: [
        ...pageRoutes({
          access,
          metricsSource: { metricsText: metrics },
          metrics: gateway.metrics,
          health,
          callerReset: {
            reset: (caller) => monitor.reset(caller),
            onReset: (caller, by) => observer.callerReset(caller, by),
          },
        }),
        ...connectRoutes({
          access,
          gateway: () => this.#config.gateway,
          logins: logins.logins,
          links: logins.links,
          holderOf: logins.holderOf,
          opens: (caller, server) => permissions.of(caller).opens(server),
          attempts,
          base: () => logins.base,
          document: () => logins.document,
          consoleUser: (request) => console?.userOf(request),
          logger,
        }),
        ...(console?.routes(access, attempts) ?? []),
      ],
      targetOf: (path) => targetOfPath(path, endpoints, served, this.#config.gateway.mode === 'unified'),
      waysIn: (caller) => [
        ...(this.#config.gateway.mode === 'unified' ? ['/mcp'] : []),
        ...Object.keys(this.#config.profiles)
          .filter((name) => served.openedBy(permissions.of(caller, name)).length > 0)
          .map((name) => `/mcp/@${name}`),
        ...served.openedBy(permissions.of(caller)).map(({ name }) => `/mcp/${name}`),
      ],
      mcp,
      sse,
      logger,
    });
    const server = createServer(gateway, listener.request);
    const quick = new QuickConnections(server, gateway.limits, listener.call);
    this.#server = new HttpServer(server, () => parts.drain.running, quick);
  }

  /** @throws GATEWAY_LISTEN */
  async listen(): Promise<{ readonly url: string }> {
    const { gateway } = this.#config;
    const { host, port } = parseListen(gateway.listen) ?? { host: '127.0.0.1', port: 0 };
    const listening = await this.#server.listen(host, port, gateway.tls ? 'https' : 'http');
    this.#logins.listensAt(listening.url);
    // Where the store is away now, the first session joins.
    this.#replicas.join().catch(() => undefined);
    return listening;
  }

  /**
   * Checks a changed configuration and serves the certificates that the files hold now; what it answers takes the rest over.
   *
   * @throws GATEWAY_CONFIG when it cannot be used; what was served stays.
   */
  prepare(config: GatewayConfig): () => void {
    const access = createAccessControl(config.gateway, this.#logins.noteToken);
    this.#server.renewCertificates(this.#config.gateway.tls);
    return () => {
      this.#config = config;
      this.#access = access;
    };
  }

  /** Ends what is being answered for these callers without a session. */
  endWhere(matches: (caller: Caller) => boolean): void {
    this.#stateless.endWhere(matches);
  }

  /**
   * Goes on for `drainMs`. Then, where there are others to connect to, nobody can connect any more and all clients are asked to go, at their next answers. Resolves when all have
   * gone, or after a moment.
   */
  async leave(drainMs: number, hasOthers: boolean): Promise<void> {
    if (drainMs > 0) {
      // Those who are asked to go connect again, which is to be to others: here, some of them would be cut when nobody listens any more.
      if (!hasOthers) this.#server.askToGo();
      const { promise: noticed, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, drainMs).unref();
      await noticed;
    }
    if (hasOthers) await this.#server.leave();
  }

  /** Ends the streams of clients that come again to another gateway. */
  endStreams(): void {
    this.#sse.closeAll();
    this.#passing.endStreams();
  }

  /** Resolves when nobody is about to ask something on a connection that the last answers have left behind. */
  silent(): Promise<void> {
    return this.#server.silent();
  }

  async close(): Promise<void> {
    this.#sse.closeAll();
    this.#passedHere.close();
    this.#passing.close();
    await this.#server.close();
  }
}
