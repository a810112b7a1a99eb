import type { IncomingMessage } from 'node:http';
import { ApiFailure } from './api-failure.ts';
import type { Reached } from './session-cookie.ts';

/**
 * A page of another origin may share the cookie, since that knows no ports: browsers say who asks, in `Sec-Fetch-Site` of every request and in `Origin` of those
 * that change something.
 *
 * @throws ApiFailure
 */
export function mustBeOwnPage({ method, headers }: IncomingMessage, { origin }: Reached): void {
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  const isOrigin = headers.origin === undefined ? method === 'GET' : headers.origin.toLowerCase() === origin;
  if (isOwn && isOrigin) return;
  throw new ApiFailure(403, 'ORIGIN', 'Only pages of the console itself may ask with its session');
}
