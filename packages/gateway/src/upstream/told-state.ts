import type { Logger } from '../logger.ts';
import { isSameReason } from './is-same-reason.ts';
import type { UpstreamState } from './upstream.ts';

export interface ToldStateOptions {
  readonly name: string;
  readonly logger: Logger;
  /** Milliseconds since 1970, for people. */
  readonly now: () => number;
}

/** Since when a server is in its state, and why; tells the log what is news. */
export class ToldState {
  readonly #options: ToldStateOptions;
  since: number;
  reason: string | undefined;

  constructor(options: ToldStateOptions) {
    this.#options = options;
    this.since = options.now();
  }

  entered(state: UpstreamState, reason: string | undefined): void {
    const { name: server, logger, now } = this.#options;
    const isNews = !isSameReason(reason, this.reason) || state !== 'restarting';
    this.since = now();
    this.reason = reason;
    const fields = { server, state, ...(reason !== undefined && { reason }) };
    if (state === 'not loaded')
      logger.error(fields, 'server could not be loaded; it is tried again when its file is another');
    else if (state !== 'restarting') logger.info(fields, 'server changed state');
    else if (isNews) logger.warn(fields, 'server is down; it is started again');
    else logger.debug(fields, 'server is still down');
  }

  /** There is a newer version that does not start; what runs goes on. */
  refused(reason: string, state: UpstreamState): void {
    const { name: server, logger } = this.#options;
    if (state === 'running') this.reason = `a new version is not served: ${reason}`;
    logger.warn({ server, reason }, 'a new version was rejected');
  }
}
