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
import type { ApiHandler } from './api-handler.ts';
import { ApiTable } from './api-table.ts';
import { approvalHandlers } from './approval-handlers.ts';
import { callHandlers } from './call-handlers.ts';
import { configurationHandlers } from './configuration-handlers.ts';
import { connectionHandlers } from './connection-handlers.ts';
import { ConsoleSessions } from './console-sessions.ts';
import type { ConsoleSources, ConsoleSupport } from './console-sources.ts';
import { consoleUser } from './console-user.ts';
import type { ConsoleWatch } from './console-watch.ts';
import { EventStreams } from './event-handler.ts';
import { answerConsole, consoleRoutes, type HttpEntryOptions } from './http-entry.ts';
import { Keeper } from './keeper.ts';
import { logHandler } from './log-handler.ts';
import { OperatorCalls } from './operator-calls.ts';
import { overviewHandler } from './overview-handler.ts';
import { readPageFiles } from './page-files.ts';
import { pinHandlers } from './pin-handlers.ts';
import { policyHandlers } from './policy-handlers.ts';
import { type SeenCall, toCall } from './seen-call.ts';
import { SessionPage } from './session-page.ts';
import { SignIn } from './sign-in.ts';
import { linkHandler, makeLink } from './sign-in-link.ts';
import { SignInLinks } from './sign-in-links.ts';
import { Ticks } from './ticks.ts';
import { toldCalls } from './told-calls.ts';
import { toolHandlers } from './tool-handlers.ts';
import { upstreamHandlers } from './upstream-handlers.ts';
import { upstreamViews } from './upstream-view.ts';
import { readVisitor } from './visitor-header.ts';

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
  readonly #keeper: Keeper | undefined;
  #signIn: SignIn | undefined;
  #url: string | undefined;

  constructor(sources: ConsoleSources, support: ConsoleSupport, { boot, startedAt, calls, decisions }: ConsoleWatch) {
    this.#sources = sources;
    this.#support = support;
    const { now, monotonicNow, logger } = sources;
    const { log, configuration, keeper } = support;
    this.#keeper =
      keeper === undefined ? undefined : new Keeper({ socketPath: keeper, process: sources.process, logger });
    const { logDir, logRotation } = sources.config().gateway;
    const operator = new OperatorCalls(sources);
    this.#ticks = calls && new Ticks({ calls, now, state: sources.status, onTick: support.onTick });
    this.#links = new SignInLinks(monotonicNow);
    this.#streams = new EventStreams({
      boot,
      ticks: this.#ticks?.ring,
      log,
      calls: calls && toldCalls(calls.ended, boot),
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
      keeper === undefined ? linkHandler(() => this.signInLink()) : endHandler(operator),
    ]);
    // Nobody but the process that keeps this one asks there.
    this.#socket = new AdminSocket(this.#table, logger, keeper === undefined ? undefined : readVisitor);
  }

  /** What is served of it over the gateway's listener; nothing where the configuration has it off. */
  routes(access: () => AccessControl, attempts: Attempts): readonly PageRoute[] {
    if (!servesConsole(this.#sources.config().gateway)) return [];
    const { now, monotonicNow, logger, config, fetch } = this.#sources;
    const keeper = this.#keeper;
    if (keeper) return consoleRoutes((asked) => keeper.answer(asked), readPageFiles);
    const gateway = () => config().gateway;
    const sessions = this.#sessions;
    const provider = { fetch, logger, now: monotonicNow };
    const signIn = new SignIn({ access, gateway, links: this.#links, now, provider });
    this.#signIn = signIn;
    const session = new SessionPage({ sessions, signIn, attempts, gateway, logger, now, monotonicNow });
    const options: HttpEntryOptions = { table: this.#table, session, sessions, attempts, gateway, logger };
    return consoleRoutes((asked) => answerConsole(asked, options), readPageFiles);
  }

  /** Who is signed in with this browser, as the gateway knows them elsewhere; undefined where nobody is. */
  userOf(request: IncomingMessage): Principal | undefined | Promise<Principal | undefined> {
    return this.#keeper?.userOf(request) ?? consoleUser(request, this.#sources.config().gateway, this.#sessions);
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
        const status = `\`lockgate status${this.#support.configuration?.flag ?? ''}\``;
        const said = `another gateway with this configuration has the admin socket; ${status} asks that one`;
        logger.warn({ path }, said);
      } else logger.warn({ path, reason: (error as Error).message }, UNOPENED);
    }
  }

  /** A fresh address that signs in once, for whoever started the gateway; undefined where none would be taken. */
  signInLink(): SignInLink | undefined {
    if (!this.#signIn?.takesLinks || this.#url === undefined) return undefined;
    return makeLink(this.#url, this.#links, this.#sources.now);
  }

  async close(): Promise<void> {
    this.#ticks?.close();
    this.#streams.closeAll();
    await this.#keeper?.close(this.#sources.config().gateway.shutdownTimeoutMs);
    this.#sessions.endAll();
    await this.#socket.close();
  }
}

/** A session that the keeping process had has ended. */
function endHandler(operator: OperatorCalls): ApiHandler {
  const handle: ApiHandler['handle'] = ({ visitor: { caller, key } }) => operator.forget(caller, key);
  return { method: 'DELETE', path: 'visitor', role: 'operator', isLocal: true, handle };
}

function idOf(call: SeenCall | undefined, boot: string): string | undefined {
  return call && toCall(call, boot).id;
}
