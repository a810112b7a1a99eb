import type { IncomingMessage } from 'node:http';
import type { AccessControl } from '../access/access-control.ts';
import type { Attempts } from '../access/attempts.ts';
import type { Principal } from '../access/principal.ts';
import { servesConsole } from '../access/serves-console.ts';
import type { PageRoute } from '../http/page-route.ts';
import { auditPath } from '../observe/audit.ts';
import { accessHandlers } from './access-handlers.ts';
import { AdminSocket, SocketTakenError } from './admin-socket.ts';
import type { SignInLink } from './api.ts';
import { notAvailable } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import { ApiTable } from './api-table.ts';
import { approvalHandlers } from './approval-handlers.ts';
import { callHandlers } from './call-handlers.ts';
import { configurationHandlers } from './configuration-handlers.ts';
import { connectionHandlers } from './connection-handlers.ts';
import { ConsoleSessions } from './console-sessions.ts';
import type { ConsoleSources, ConsoleSupport } from './console-sources.ts';
import type { ConsoleWatch } from './console-watch.ts';
import { EventStreams } from './event-handler.ts';
import { consoleRoutes } from './http-entry.ts';
import { logHandler } from './log-handler.ts';
import { OperatorCalls } from './operator-calls.ts';
import { overviewHandler } from './overview-handler.ts';
import { readPageFiles } from './page-files.ts';
import { pinHandlers } from './pin-handlers.ts';
import { policyHandlers } from './policy-handlers.ts';
import { type SeenCall, toCall } from './seen-call.ts';
import { reachedBy, readCookie } from './session-cookie.ts';
import { SessionPage } from './session-page.ts';
import { SignIn } from './sign-in.ts';
import { LINK_MS, SignInLinks } from './sign-in-links.ts';
import { Ticks } from './ticks.ts';
import { toolHandlers } from './tool-handlers.ts';
import { upstreamHandlers } from './upstream-handlers.ts';
import { upstreamViews } from './upstream-view.ts';

const UNOPENED =
  'the admin socket cannot be opened, so that no `lockgate status`, logs, reload or console can ask this gateway; give "gateway.adminSocket" another ' +
  'path, or false';

/** The console of one gateway: one set of handlers, and the two ways to them, the gateway's listener and a socket of its user. */
export class Console {
  readonly #sources: ConsoleSources;
  readonly #support: ConsoleSupport;
  readonly #table: ApiTable;
  readonly #ticks: Ticks | undefined;
  readonly #streams: EventStreams;
  readonly #sessions: ConsoleSessions;
  readonly #links: SignInLinks;
  readonly #socket: AdminSocket;
  #signIn: SignIn | undefined;
  #url: string | undefined;

  constructor(sources: ConsoleSources, support: ConsoleSupport, { boot, startedAt, calls, decisions }: ConsoleWatch) {
    this.#sources = sources;
    this.#support = support;
    const { now, monotonicNow, logger } = sources;
    const { log, configuration } = support;
    const { logDir, logRotation } = sources.config().gateway;
    const operator = new OperatorCalls(sources);
    this.#ticks = calls && new Ticks({ calls, now, state: sources.status });
    this.#links = new SignInLinks(monotonicNow);
    this.#streams = new EventStreams({
      boot,
      ticks: this.#ticks?.ring,
      log,
      calls: calls?.ended,
      upstreams: () => upstreamViews(sources),
    });
    this.#sessions = new ConsoleSessions({
      now: monotonicNow,
      onEnd: ({ key, caller }) => {
        this.#streams.endOf(key);
        operator.forget(caller, key);
      },
    });
    const url = (): string | undefined => this.#url;
    const audit =
      logDir === undefined ? undefined : { path: auditPath(logDir, sources.process), keep: logRotation.keep };
    this.#table = new ApiTable([
      overviewHandler({ sources, calls, ticks: this.#ticks, configuration, startedAt, url }),
      ...upstreamHandlers(sources, log),
      ...toolHandlers(sources, operator, (session) => idOf(calls?.lastOf(session), boot)),
      ...callHandlers({ boot, calls, audit }),
      ...pinHandlers(sources),
      ...approvalHandlers(sources),
      ...accessHandlers(sources),
      ...policyHandlers(sources, decisions, operator),
      ...configurationHandlers(sources, configuration),
      ...connectionHandlers(sources),
      logHandler(log, boot),
      this.#streams.handler,
      this.#linkHandler(),
    ]);
    this.#socket = new AdminSocket(this.#table, logger);
  }

  /** What is served of it over the gateway's listener; nothing where the configuration has it off. */
  routes(access: () => AccessControl, attempts: Attempts): readonly PageRoute[] {
    if (!servesConsole(this.#sources.config().gateway)) return [];
    const { now, monotonicNow, logger, config, fetch } = this.#sources;
    const gateway = () => config().gateway;
    const sessions = this.#sessions;
    const provider = { fetch, logger, now: monotonicNow };
    const signIn = new SignIn({ access, gateway, links: this.#links, now, provider });
    this.#signIn = signIn;
    const session = new SessionPage({ sessions, signIn, attempts, gateway, logger, now, monotonicNow });
    return consoleRoutes({ table: this.#table, session, sessions, attempts, gateway, pages: readPageFiles, logger });
  }

  /** Who is signed in with this browser, as the gateway knows them elsewhere; undefined where nobody is. */
  userOf(request: IncomingMessage): Principal | undefined {
    const reached = reachedBy(request, this.#sources.config().gateway);
    const used = reached && this.#sessions.use(readCookie(request, reached.cookie));
    if (!used) return undefined;
    const { role, caller } = used.identity;
    return { kind: 'principal', name: caller.name, how: (caller.how ?? 'none') as Principal['how'], admin: role };
  }

  /** The gateway listens there, for clients of MCP. */
  listensAt(url: string): void {
    this.#url = url;
  }

  /** Opens the admin socket, where one is wanted. Never rejects: a gateway that cannot have it goes on without, and says so. */
  async openSocket(): Promise<void> {
    const { adminSocket: path, onSocketOpen } = this.#support;
    if (path === undefined) return;
    const { logger } = this.#sources;
    try {
      await this.#socket.listen(path);
      logger.debug({ path }, 'the admin socket is open');
      onSocketOpen?.();
    } catch (error) {
      if (error instanceof SocketTakenError) {
        const said = 'another gateway with this configuration has the admin socket; `lockgate status` asks that one';
        logger.warn({ path }, said);
      } else logger.warn({ path, reason: (error as Error).message }, UNOPENED);
    }
  }

  /** A fresh address that signs in once, for whoever started the gateway; undefined where none would be taken. */
  signInLink(): SignInLink | undefined {
    if (!this.#signIn?.takesLinks || this.#url === undefined) return undefined;
    const base = this.#url.replace(/\/mcp\/?$/, '');
    const url = `${base}/console/#sign-in=${this.#links.make()}`;
    return { url, validUntil: this.#sources.now() + LINK_MS };
  }

  async close(): Promise<void> {
    this.#ticks?.close();
    this.#streams.closeAll();
    this.#sessions.endAll();
    await this.#socket.close();
  }

  #linkHandler(): ApiHandler {
    return {
      method: 'POST',
      path: 'sign-in-link',
      role: 'operator',
      isLocal: true,
      handle: (): SignInLink => {
        const link = this.signInLink();
        if (link) return link;
        const remedy =
          'Where others reach the gateway too, sign in with an admin key: "admin" in "gateway.auth.apiKeys"';
        throw notAvailable('This gateway takes no sign-in links', remedy);
      },
    };
  }
}

function idOf(call: SeenCall | undefined, boot: string): string | undefined {
  return call && toCall(call, boot).id;
}
