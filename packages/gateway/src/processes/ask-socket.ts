import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { request as httpRequest } from '../node-http.ts';

/** What an admin socket has answered. */
export interface SocketAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** How long a process may take to answer over its socket, in milliseconds. */
const ANSWER_MS = 60_000;

/** Asks the process that listens at a socket. Rejects where it cannot be reached or does not answer in time. */
export async function askSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<SocketAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = sent === undefined ? {} : { 'content-type': 'application/json' };
  const request = httpRequest({ socketPath, method, path, headers, timeout: ANSWER_MS }, resolve);
  request.once('error', reject);
  request.once('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
  request.end(sent);
  const response = await promise;
  return { status: response.statusCode ?? 500, type: response.headers['content-type'], body: await text(response) };
}
