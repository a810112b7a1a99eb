import { sessionTag } from '../observe/session-tag.ts';
import type { RequestOutcome } from '../observer.ts';
import type { Call, DecisionFacts } from './api.ts';

/** What a client wrote may be as long as a request; so much of it is told, in characters. */
const LONGEST_TOLD = 300;

/** One request as it is known here, running or ended. */
export interface SeenCall {
  /** Grows by one with each. */
  readonly number: number;
  readonly startedAt: number;
  readonly principal: string;
  /** Id of the session, which is told as a tag. */
  readonly session: string | undefined;
  readonly method: string;
  readonly target: string | undefined;
  readonly server: string | undefined;
  readonly requestBytes: number | undefined;
  /** Undefined while it runs. */
  readonly outcome: RequestOutcome | undefined;
  readonly durationMs: number | undefined;
  /** How long it took to find out where it goes; undefined where it went nowhere. */
  readonly routeMs: number | undefined;
  readonly decision: DecisionFacts | undefined;
}

/** The call as it is told. */
export function toCall(seen: SeenCall, boot: string): Call {
  const { principal, session, method, target, server, requestBytes, durationMs, outcome } = seen;
  const { verdict, reason, responseBytes } = outcome ?? {};
  return {
    id: `${boot}.${seen.number}`,
    startedAt: seen.startedAt,
    isRunning: outcome === undefined,
    principal,
    ...(session !== undefined && { session: sessionTag(session) }),
    ...(server !== undefined && { server }),
    method,
    ...(target !== undefined && { target: target.slice(0, LONGEST_TOLD) }),
    ...(verdict !== undefined && { verdict }),
    ...(reason !== undefined && { reason }),
    ...(durationMs !== undefined && { durationMs: rounded(durationMs) }),
    ...(requestBytes !== undefined && { requestBytes }),
    ...(responseBytes !== undefined && { responseBytes }),
  };
}

export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
