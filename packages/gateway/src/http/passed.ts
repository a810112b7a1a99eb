import type { Endpoints } from '../call/endpoints.ts';
import type { ServedList } from '../call/served.ts';
import type { Logger } from '../logger.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import type { PassedHere } from '../replicas/passed-here.ts';
import { StateError } from '../state/state-error.ts';
import { writeAnswer } from '../transport/http-answer.ts';
import type { McpRequests } from './mcp-requests.ts';
import { targetOfPath } from './path-target.ts';
import { refusal } from './refusal.ts';
import type { SseEndpoint } from './sse-endpoint.ts';

export interface PassedOptions {
  readonly mcp: McpRequests;
  readonly sse: SseEndpoint;
  readonly endpoints: Endpoints;
  readonly served: ServedList;
  readonly logger: Logger;
}

/** Answers a request that another gateway has passed on: it has looked who asks, and all else is as for one that comes over HTTP. */
export function servePassed(passed: PassedHere, { mcp, sse, endpoints, served, logger }: PassedOptions): void {
  const { caller, accepted, endpoint: key } = passed.head;
  const { request, response } = passed;
  const fail = (error: unknown): void => {
    logger.error({ err: error }, 'a request of another gateway could not be answered');
    const answer =
      error instanceof StateError
        ? refusal(503, RpcCode.refused, error.message)
        : refusal(500, RpcCode.internalError, 'Internal error');
    if (response.headersSent) response.destroy();
    else writeAnswer(response, answer, {});
  };
  try {
    const path = key === undefined ? '/mcp' : `/mcp/${encodeURIComponent(key)}`;
    const endpoint = targetOfPath(path, endpoints, served, true)?.endpoint;
    if (!endpoint || (endpoint.key !== undefined && endpoint.visibleTo(caller).length === 0)) {
      writeAnswer(response, refusal(404, RpcCode.sessionNotFound, 'Session not found'), {});
      return;
    }
    const { decline } = passed;
    const asked = { request, response, endpoint, caller, accepted, headers: {}, decline };
    const { sseClient } = passed.head;
    const serving = sseClient === undefined ? mcp.serve(asked) : sse.passed(asked, sseClient);
    serving?.catch(fail);
  } catch (error) {
    fail(error);
  }
}
