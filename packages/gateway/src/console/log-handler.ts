import type { LogPage } from './api.ts';
import { badRequest, notAvailable } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { LogLines } from './console-sources.ts';
import { isLevel, type LineFilter, linesAfter } from './log-view.ts';

/** The last lines of the log. */
export function logHandler(log: LogLines | undefined, boot: string): ApiHandler {
  return {
    method: 'GET',
    path: 'log',
    role: 'viewer',
    handle: ({ query }): LogPage => {
      if (!log) throw notAvailable('This gateway runs inside another program, which keeps its log', 'Ask that program');
      const after = Number(query.get('after') ?? 0);
      if (Number.isNaN(after)) throw badRequest('"after" has to be the id of a line');
      return { lines: [...linesAfter(log, after, readLineFilter(query))], last: log.last, boot };
    },
  };
}

/** @throws ApiFailure */
export function readLineFilter(query: URLSearchParams): LineFilter {
  const level = query.get('level') || undefined;
  if (level !== undefined && !isLevel(level)) throw badRequest('"level" is debug, info, warn or error');
  return { level, server: query.get('server') || undefined };
}
