import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { request as httpRequest } from '../node-http.ts';

/** What an admin socket has answered. */
export interface SocketAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

export interface SocketQuestion {
  /** @default GET */
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long nothing may come of it, in milliseconds. @default without end */
  readonly answerMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks the process that listens at a socket. Rejects where it cannot be reached or does not answer in time. */
export async function askSocket(
  socketPath: string,
  { method = 'GET', path, body, headers, answerMs = 0, signal }: SocketQuestion,
): Promise<SocketAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const all = { ...headers, ...(sent !== undefined && { 'content-type': 'application/json' }) };
  const options = { socketPath, method, path, headers: all, timeout: answerMs, ...(signal && { signal }) };
  const request = httpRequest(options, resolve);
  request.once('error', reject);
  request.once('timeout', () => request.destroy(new Error(`no answer within ${answerMs} ms`)));
  request.end(sent);
  const response = await promise;
  return { status: response.statusCode ?? 500, type: response.headers['content-type'], body: await text(response) };
}
