import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A JSON API on this machine that takes five milliseconds for each answer, and answers with what it was asked for. */
export async function openWaitingApi(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ path: request.url, ballast: 'x'.repeat(200) }));
    }, 5);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
