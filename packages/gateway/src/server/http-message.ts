import type { IncomingMessage, ServerResponse } from 'node:http';
import { nodeHeaders } from '../node-headers.ts';

/**
 * The request as the SDK's handlers take it. Its body has been read and is handed to them beside it, so of a `Request` they
 * use the method, single headers, and the signal, which ends with the exchange; making a whole one costs more than
 * everything else about a small call.
 */
export function toRequest({ method = 'GET', url = '/', headers }: IncomingMessage, signal: AbortSignal): Request {
  return { method, url, headers: nodeHeaders(headers), signal } as unknown as Request;
}

/** A whole answer that is text already. */
export interface TextAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Writes the answer; streams wait for a client that reads slowly. Resolves when all is written or the client has gone. */
export async function writeResponse(
  response: ServerResponse,
  answer: Response | TextAnswer,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  if (!(answer instanceof Response)) {
    const { status, headers, text } = answer;
    response.writeHead(status, { ...more, ...headers, 'content-length': `${Buffer.byteLength(text)}` });
    response.end(text); // not as bytes, so that it goes out in one piece with the headers
    return;
  }
  const headers: Record<string, string> = { ...more };
  for (const [name, value] of answer.headers) headers[name] = value;
  if (answer.body === null || !headers['content-type']?.startsWith('text/event-stream')) {
    const body = answer.body === null ? undefined : Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, body ? { ...headers, 'content-length': `${body.byteLength}` } : headers);
    response.end(body);
    return;
  }
  response.writeHead(answer.status, headers);
  response.flushHeaders();
  const reader = answer.body.getReader();
  const gone = (): void => void reader.cancel().catch(() => {});
  response.once('close', gone);
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (!response.write(chunk.value)) await drained(response);
    }
  } catch {
    // The stream broke on our side: the client sees that it ends without an answer.
  } finally {
    response.off('close', gone);
    response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    response.off('drain', done);
    response.off('close', done);
    resolve();
  };
  response.once('drain', done);
  response.once('close', done);
  return promise;
}

/** A JSON-RPC error as the whole answer. */
export function errorResponse(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  id: unknown = null,
): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id }, { status, headers });
}
