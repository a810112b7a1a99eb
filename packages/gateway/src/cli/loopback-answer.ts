import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../node-http.ts';
import { CommandFailure } from './exit-code.ts';

/** How long somebody may take in the browser, in milliseconds. */
const PATIENCE_MS = 600_000;

const PATH = '/callback';

/** What a browser brings back to a command that waits on this machine. Source: RFC 8252, section 7.3. */
export interface LoopbackAnswer extends AsyncDisposable {
  readonly redirectUri: string;
  /** What stands behind the question mark, and the way to tell the browser what came of it. */
  readonly answer: Promise<{ readonly answer: string; readonly reply: (sentence: string) => void }>;
}

/** Listens on a free port of this machine for one answer. */
export async function waitForBrowser(): Promise<LoopbackAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<LoopbackAnswer['answer']>>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://any');
    if (request.method !== 'GET' || url.pathname !== PATH) {
      response.writeHead(404).end();
      return;
    }
    resolve({ answer: url.search.slice(1), reply: (sentence) => say(response, sentence) });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const late = new CommandFailure(`nobody came back from the browser within ${PATIENCE_MS / 60_000} minutes`);
  const timer = setTimeout(() => reject(late), PATIENCE_MS);
  promise.catch(() => {}); // whoever fails before does not wait for it
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    answer: promise,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      server.close();
      server.closeIdleConnections();
    },
  };
}

function say(response: ServerResponse, sentence: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
  response.writeHead(200, headers).end(`${sentence}\n`);
}
