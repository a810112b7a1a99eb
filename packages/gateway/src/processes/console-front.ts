import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AccessControl, createAccessControl } from '../access/access-control.ts';
import { Attempts } from '../access/attempts.ts';
import type { Principal } from '../access/principal.ts';
import { servesConsole } from '../access/serves-console.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { SignInLink } from '../console/api.ts';
import type { ApiTable } from '../console/api-table.ts';
import { type ConsoleSession, ConsoleSessions } from '../console/console-sessions.ts';
import { consoleUser } from '../console/console-user.ts';
import { answerConsole, type HttpEntryOptions } from '../console/http-entry.ts';
import { CALLER_HEADER, FROM_HEADER, PROCESS_HEADER, USER_PATH } from '../console/keeper.ts';
import { SessionPage } from '../console/session-page.ts';
import { SignIn } from '../console/sign-in.ts';
import { makeLink } from '../console/sign-in-link.ts';
import { SignInLinks } from '../console/sign-in-links.ts';
import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import { createServer } from '../node-http.ts';
import { whenOver } from '../transport/when-over.ts';

export interface ConsoleFrontOptions {
  readonly gateway: () => GatewaySection;
  readonly table: Pick<ApiTable, 'find'>;
  readonly onEnd: (session: ConsoleSession) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * The console of a gateway of several processes, in the one that keeps them: each passes on what browsers ask, and sessions, one-time links, failed attempts and
 * streams are counted here alone.
 */
export class ConsoleFront {
  readonly #options: ConsoleFrontOptions;
  readonly #sessions: ConsoleSessions;
  readonly #links: SignInLinks;
  readonly #signIn: SignIn;
  readonly #server: Server;
  /** Of each process, by its number, how many of those requests it is that change something. */
  readonly #changing = new Map<number, number>();
  #access: { readonly of: GatewaySection; readonly control: AccessControl } | undefined;

  constructor(options: ConsoleFrontOptions) {
    this.#options = options;
    const { gateway, logger, table, onEnd, now } = options;
    const monotonicNow = (): number => performance.now();
    const attempts = new Attempts(monotonicNow);
    const sessions = new ConsoleSessions({ now: monotonicNow, onEnd });
    this.#sessions = sessions;
    this.#links = new SignInLinks(monotonicNow);
    const fetch: typeof globalThis.fetch = (url, init) => globalThis.fetch(url, init);
    const provider = { fetch, logger, now: monotonicNow };
    const signIn = new SignIn({ access: () => this.#control(), gateway, links: this.#links, now, provider });
    this.#signIn = signIn;
    const session = new SessionPage({ sessions, signIn, attempts, gateway, logger, now, monotonicNow });
    const entry: HttpEntryOptions = { table, session, sessions, attempts, gateway, logger };
    this.#server = createServer((request, response) => void this.#answer(request, response, entry));
  }

  /** Listens at a socket in a folder that its user alone may enter. */
  async listen(path: string): Promise<void> {
    await this.#signIn.prepare();
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  /**
   * A fresh address that signs in once; undefined where none would be taken.
   *
   * @param url - Where clients of MCP connect.
   */
  signInLink(url: string | undefined): SignInLink | undefined {
    if (url === undefined || !servesConsole(this.#options.gateway()) || !this.#signIn.takesLinks) return undefined;
    return makeLink(url, this.#links, this.#options.now);
  }

  /** Whether somebody who changes something waits for the answer at this process. */
  isWaitedAt(number: number): boolean {
    return (this.#changing.get(number) ?? 0) > 0;
  }

  async close(): Promise<void> {
    this.#sessions.endAll();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, entry: HttpEntryOptions): Promise<void> {
    // Whose address it is says the process that took the connection: nobody else can ask here.
    const from = request.headers[FROM_HEADER];
    Object.defineProperty(request.socket, 'remoteAddress', { value: from, configurable: true });
    const url = request.url ?? '/';
    if (url === USER_PATH) {
      const user = consoleUser(request, this.#options.gateway(), this.#sessions);
      response.end(JSON.stringify({ user }));
      return;
    }
    if (request.method !== 'GET') this.#note(Number(request.headers[PROCESS_HEADER]), response);
    const [path = url] = url.split('?', 1);
    await answerConsole({ path, request, response, caller: callerOf(request) }, entry);
  }

  #note(number: number, response: ServerResponse): void {
    const count = (more: number): unknown => this.#changing.set(number, (this.#changing.get(number) ?? 0) + more);
    count(1);
    whenOver(response, () => count(-1));
  }

  /** That of the configuration of now. */
  #control(): AccessControl {
    const of = this.#options.gateway();
    if (this.#access?.of !== of) this.#access = { of, control: createAccessControl(of) };
    return this.#access.control;
  }
}

function callerOf({ headers }: IncomingMessage): Principal | undefined {
  const told = headers[CALLER_HEADER];
  if (typeof told !== 'string' || told === '') return undefined;
  return parseJson(Buffer.from(told, 'base64url').toString()) as Principal | undefined;
}
