import { randomBytes } from 'node:crypto';
import { AdminSocket, SocketTakenError } from '../console/admin-socket.ts';
import type { Overview } from '../console/api.ts';
import { notAvailable } from '../console/api-failure.ts';
import { ANSWERED, type ApiHandler, type ApiRequest } from '../console/api-handler.ts';
import { ApiTable } from '../console/api-table.ts';
import { configurationHandlers } from '../console/configuration-handlers.ts';
import type { ConfigurationAccess, ConsoleSources, LogLines } from '../console/console-sources.ts';
import { EventStreams } from '../console/event-handler.ts';
import { logHandler } from '../console/log-handler.ts';
import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import { writeAnswer } from '../transport/http-answer.ts';
import { VERSION } from '../version.ts';
import { askSocket } from './ask-socket.ts';
import { joinOverviews, type ProcessOverview } from './join-overviews.ts';

export interface AdminFrontOptions extends Pick<ConsoleSources, 'config' | 'redact'> {
  /** Where it listens. */
  readonly path: string;
  /** Those that serve now, with their own sockets. */
  readonly processes: () => readonly { readonly number: number; readonly socket: string }[];
  readonly log: LogLines;
  readonly configuration: ConfigurationAccess;
  readonly logger: Logger;
}

/** What is done with a server is done in each process; everything else is one truth for all, or is asked of the first. */
const OF_EACH = /^\/console\/api\/upstreams\/[^/]+\/[^/?]+$/;

/** The admin socket of a gateway of several processes: answers for all of them, or lets the first answer and says so. */
export class AdminFront {
  readonly #options: AdminFrontOptions;
  readonly #socket: AdminSocket;
  readonly #streams: EventStreams;

  constructor(options: AdminFrontOptions) {
    this.#options = options;
    const { log, logger, configuration } = options;
    const boot = randomBytes(4).toString('hex');
    this.#streams = new EventStreams({ boot, ticks: undefined, log, calls: undefined, upstreams: () => [] });
    // Its lines are in the log, since the audit log is written by those that serve.
    const observer = { operated: (action: object) => logger.info(action, 'somebody acts on the gateway') };
    const own = new ApiTable([
      { method: 'GET', path: 'overview', role: 'viewer', handle: () => this.#overview() },
      logHandler(log, boot),
      this.#streams.handler,
      ...configurationHandlers({ ...options, observer }, configuration),
    ]);
    const others: Omit<ApiHandler, 'method' | 'path'> = { role: 'operator', handle: (asked) => this.#pass(asked) };
    const find = (method: string, path: string): ReturnType<ApiTable['find']> =>
      own.has(path) ? own.find(method, path) : { handler: { method: 'GET', path, ...others }, params: {} };
    this.#socket = new AdminSocket({ find }, logger);
  }

  /** Never rejects: a gateway that cannot have it goes on without, and says so. */
  async open(): Promise<void> {
    const { path, logger } = this.#options;
    try {
      await this.#socket.listen(path);
    } catch (error) {
      const reason = error instanceof SocketTakenError ? 'another gateway has it' : (error as Error).message;
      logger.warn(
        { path, reason },
        'the admin socket cannot be opened, so that no `lockgate status`, logs or reload can ask this gateway',
      );
    }
  }

  async close(): Promise<void> {
    this.#streams.closeAll();
    await this.#socket.close();
  }

  async #overview(): Promise<Overview> {
    const { processes, configuration } = this.#options;
    const asked = await Promise.allSettled(
      processes().map(async ({ number, socket }): Promise<ProcessOverview> => {
        const { body } = await askSocket(socket, 'GET', '/console/api/overview');
        return { number, overview: parseJson(body) as Overview };
      }),
    );
    const answered = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (answered.length === 0) throw notAvailable('No process of this gateway serves now', 'Look at its log');
    return joinOverviews(answered, {
      state: 'running',
      version: VERSION,
      nodeVersion: process.versions.node,
      pid: process.pid,
      startedAt: Math.round(performance.timeOrigin),
      uptimeMs: Math.round(performance.now()),
      configuration: configuration.source,
    });
  }

  async #pass({ request, response, body }: ApiRequest): Promise<typeof ANSWERED> {
    const { method = 'GET', url = '/' } = request;
    const serving = this.#options.processes();
    const asked = method === 'POST' && OF_EACH.test(url) ? serving : serving.slice(0, 1);
    if (asked.length === 0) throw notAvailable('No process of this gateway serves now', 'Look at its log');
    const answers = await Promise.all(asked.map(({ socket }) => askSocket(socket, method, url, body)));
    const at = Math.max(
      answers.findIndex(({ status }) => status >= 400),
      0,
    );
    const { status, type, body: given } = answers[at] as (typeof answers)[number];
    const headers = {
      ...(type !== undefined && { 'content-type': type }),
      'lockgate-worker': String(asked[at]?.number),
    };
    writeAnswer(response, { status, headers, ...(given !== '' && { body: given }) }, {});
    return ANSWERED;
  }
}
