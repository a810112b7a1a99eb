import {
  DeadlineError,
  SessionExpiredError,
  UpstreamFaultError,
  UpstreamLostError,
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from '../errors.ts';

/** Whether the server, and not the request, is what went wrong. */
export function isFault(error: unknown): boolean {
  const isOwn =
    error instanceof UpstreamLostError || error instanceof DeadlineError || error instanceof UpstreamFaultError;
  return isOwn || isServerTrouble(error);
}

/** Whether the connection has ended, with all calls that were on their way. */
export function isLoss(error: unknown): boolean {
  return error instanceof UpstreamLostError;
}

/** Whether the same request may well succeed at once: the connection is gone and comes back, or the server is busy. */
export function isRetryable(error: unknown): boolean {
  const isGone = error instanceof UpstreamLostError || error instanceof UpstreamUnavailableError;
  return isGone || error instanceof SessionExpiredError || isServerTrouble(error);
}

function isServerTrouble(error: unknown): boolean {
  if (!(error instanceof UpstreamRefusedError)) return false;
  const { status } = error.facts;
  return status >= 500 || status === 429 || status === 404;
}
