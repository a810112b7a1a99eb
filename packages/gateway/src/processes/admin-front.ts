import { randomBytes } from 'node:crypto';
import { AdminSocket, SocketTakenError } from '../console/admin-socket.ts';
import type { CallList, Overview, Tick, UpstreamList, UpstreamSummary } from '../console/api.ts';
import type { ApiHandler } from '../console/api-handler.ts';
import { ApiTable } from '../console/api-table.ts';
import { configurationHandlers } from '../console/configuration-handlers.ts';
import type { ConfigurationAccess, ConsoleSources, LogLines } from '../console/console-sources.ts';
import { EventStreams } from '../console/event-handler.ts';
import { logHandler } from '../console/log-handler.ts';
import { linkHandler } from '../console/sign-in-link.ts';
import type { Logger } from '../logger.ts';
import { VERSION } from '../version.ts';
import { type AskedProcess, AskedProcesses } from './asked-processes.ts';
import { ConsoleFront } from './console-front.ts';
import { joinUpstreams } from './join-overviews.ts';
import { JoinedTicks } from './joined-ticks.ts';
import { KeptCounts } from './kept-counts.ts';
import { passHandler } from './pass-handler.ts';
import { LOOKED_AT, SeenCalls } from './seen-calls.ts';
import { type WholeOptions, wholeHandlers } from './whole-handlers.ts';

export interface AdminFrontOptions extends Pick<ConsoleSources, 'config' | 'redact'> {
  /** Where the admin socket is; none where absent. */
  readonly path: string | undefined;
  /** Where the processes pass on what browsers ask. */
  readonly keeper: string;
  /** Those that serve now, with their own sockets. */
  readonly processes: () => readonly AskedProcess[];
  readonly log: LogLines;
  readonly configuration: ConfigurationAccess;
  /** Where clients connect, once one of them listens. */
  readonly url: () => string | undefined;
  readonly logger: Logger;
}

/** What is asked of a gateway of several processes, over the admin socket and in the console: answers for all of them, or lets the first answer and says so. */
export class AdminFront {
  readonly #options: AdminFrontOptions;
  readonly #processes: AskedProcesses;
  readonly #socket: AdminSocket;
  readonly #streams: EventStreams;
  readonly #console: ConsoleFront;
  readonly #ticks = new JoinedTicks(Date.now);
  readonly #calls = new SeenCalls();
  readonly #counts = new KeptCounts();
  #upstreams: readonly UpstreamSummary[] = [];

  constructor(options: AdminFrontOptions) {
    this.#options = options;
    const { log, logger, configuration } = options;
    const boot = randomBytes(4).toString('hex');
    const processes = new AskedProcesses(options.processes);
    this.#processes = processes;
    this.#streams = new EventStreams({
      boot,
      ticks: this.#ticks.ring,
      log,
      calls: this.#calls,
      // Asked for again while somebody looks: told with the next round.
      upstreams: () => {
        void this.#look();
        return this.#upstreams;
      },
    });
    // Its lines are in the log, since the audit log is written by those that serve.
    const observer = { operated: (action: object) => logger.info(action, 'somebody acts on the gateway') };
    const own = new ApiTable([
      ...wholeHandlers({ processes, log, own: () => this.#own(), counts: this.#counts }),
      logHandler(log, boot),
      this.#streams.handler,
      linkHandler(() => this.#console.signInLink(options.url())),
      ...configurationHandlers({ ...options, observer }, configuration),
    ]);
    const find = (method: string, path: string): ReturnType<ApiTable['find']> =>
      own.has(path)
        ? own.find(method, path)
        : { handler: passHandler(processes, method as ApiHandler['method'], path, 'first'), params: {} };
    this.#socket = new AdminSocket({ find }, logger);
    this.#console = new ConsoleFront({
      gateway: () => options.config().gateway,
      table: { find },
      now: Date.now,
      logger,
      onEnd: ({ key, caller }) => {
        this.#streams.endOf(key);
        void processes.forget({ name: caller.name, role: 'operator', caller, via: 'socket', key });
      },
    });
  }

  /** One of the processes tells how it did in a second. */
  ticked(number: number, tick: Tick): void {
    this.#ticks.add(number, tick);
    this.#counts.add(number, tick);
  }

  /** One of the processes has ended. */
  ended(number: number): void {
    this.#counts.end(number);
  }

  /** An address that signs in once; undefined where none would be taken. */
  signInLink(): string | undefined {
    return this.#console.signInLink(this.#options.url())?.url;
  }

  /** Whether somebody who changes something waits for the answer at this process. */
  isWaitedAt(number: number): boolean {
    return this.#console.isWaitedAt(number);
  }

  /** Takes what the processes pass on. Before any of them serves. */
  async openConsole(): Promise<void> {
    await this.#console.listen(this.#options.keeper);
  }

  /** Opens the admin socket, and answers whether it could. Never rejects: a gateway that cannot have it goes on without, and says so. */
  async openSocket(): Promise<boolean> {
    const { path, logger } = this.#options;
    if (path === undefined) return false;
    try {
      await this.#socket.listen(path);
      return true;
    } catch (error) {
      const reason = error instanceof SocketTakenError ? 'another gateway has it' : (error as Error).message;
      logger.warn(
        { path, reason },
        'the admin socket cannot be opened, so that no `lockgate status`, logs, reload or console can ask this gateway',
      );
      return false;
    }
  }

  async close(): Promise<void> {
    this.#ticks.close();
    this.#streams.closeAll();
    await this.#console.close();
    await this.#socket.close();
  }

  async #look(): Promise<void> {
    const said = await this.#processes.all<UpstreamList>('upstreams');
    this.#upstreams = joinUpstreams(said.map(({ number, value }) => ({ number, value: value.upstreams })));
    if (this.#streams.wantsCalls) this.#calls.look(await this.#processes.all<CallList>(`calls?limit=${LOOKED_AT}`));
    else this.#calls.rest();
  }

  #own(): ReturnType<WholeOptions['own']> {
    return {
      state: 'running',
      version: VERSION,
      nodeVersion: process.versions.node,
      pid: process.pid,
      startedAt: Math.round(performance.timeOrigin),
      uptimeMs: Math.round(performance.now()),
      configuration: this.#options.configuration.source,
      ticks: [...this.#ticks.ring.oldest()],
    } satisfies Partial<Overview>;
  }
}
