import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { AnswerHandler } from '../../../src/transport/sender.ts';

/** What a server does with one request, whose bytes are given. */
export type Reply = (socket: Socket, request: string, index: number) => void;

/** A server that says whatever it is told to, and counts its connections. */
export async function rawServer(
  reply: Reply,
): Promise<AsyncDisposable & { readonly url: URL; readonly connections: Socket[] }> {
  const connections: Socket[] = [];
  let requests = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => reply(socket, bytes.toString('latin1'), requests++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?a=b`),
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What came of a request. */
export interface Told {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
  failure: (Error & { code?: string }) | undefined;
}

/** A handler that keeps what it is told. */
export function listening(): { readonly handler: AnswerHandler; readonly told: Promise<Told> } {
  const { promise, resolve } = Promise.withResolvers<Told>();
  const told: Told = { status: undefined, headers: {}, body: '', failure: undefined };
  return {
    told: promise,
    handler: {
      onHead(status, headers) {
        told.status = status;
        told.headers = { ...headers };
      },
      onData(chunk) {
        told.body += chunk.toString('latin1');
      },
      onEnd: () => resolve(told),
      onError(error) {
        told.failure = error;
        resolve(told);
      },
    },
  };
}
