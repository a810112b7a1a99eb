import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiError, Events } from '../../src/console/api.ts';

const FILES = fileURLToPath(new URL('../../dist/console/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What is answered to `GET overview`, `POST call` and so on, at once or later; an error has a status. */
export type MadeAnswers = Readonly<Record<string, (body: unknown, url: URL) => unknown>>;

export class MadeFailure {
  readonly status: number;
  readonly body: ApiError;

  constructor(status: number, error: ApiError['error']) {
    this.status = status;
    this.body = { error };
  }
}

export interface MadeGateway extends AsyncDisposable {
  readonly url: string;
  /** Everything that was asked, as `POST call`. */
  readonly asked: readonly string[];
  /** Whether a stream of events is open that asked for this; nothing is kept for one that comes later. */
  hears(topic: string): boolean;
  send<K extends keyof Events>(event: K, data: Events[K]): void;
  /** Ends all streams of events, as a gateway that goes away does. */
  cut(): void;
}

/** Serves the built console, and under its API whatever a test makes up: states that a real gateway is seldom in. */
export async function serveMade(answers: MadeAnswers): Promise<MadeGateway> {
  const streams = new Map<ServerResponse, string>();
  const asked: string[] = [];
  let id = 0;

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = decodeURIComponent(url.pathname.slice('/console/api/'.length));
    if (path === 'events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
      streams.set(
        response.once('close', () => streams.delete(response)),
        url.searchParams.get('topics') ?? '',
      );
      return;
    }
    const text = Buffer.concat((await request.toArray()) as Buffer[]).toString('utf8');
    const key = `${request.method} ${path}`;
    asked.push(key);
    const answer = answers[key];
    const made = answer
      ? await answer(text === '' ? undefined : JSON.parse(text), url)
      : new MadeFailure(404, { code: 'NOT_FOUND', message: `There is no ${key}.` });
    const [status, body] = made instanceof MadeFailure ? [made.status, made.body] : [200, made];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith('/console/api/')) return void api(request, response, url);
    const name = url.pathname.replace(/^\/console\/?/, '') || 'index.html';
    if (!/^[\w.-]+$/.test(name) || !existsSync(FILES + name)) return void response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'content-security-policy': POLICY })
      .end(readFileSync(FILES + name));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const cut = (): void => {
    for (const stream of streams.keys()) stream.destroy();
  };
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/console/`,
    asked,
    hears: (topic) => [...streams.values()].some((topics) => topics.split(',').includes(topic)),
    send: (event, data) => {
      for (const stream of streams.keys())
        stream.write(`id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
