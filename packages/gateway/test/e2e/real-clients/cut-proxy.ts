import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server of this machine that can be cut like a cable. */
export interface CutProxy extends AsyncDisposable {
  /** The address of the server by this way. */
  readonly url: string;
  /** Ends every connection that is open; new ones are let through. Resolves with the first new one. */
  cut(): Promise<void>;
}

export async function openCutProxy(target: string): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  let reached = Promise.withResolvers<void>();
  const server = createServer((client) => {
    reached.resolve();
    const upstream = connect(Number(new URL(target).port), '127.0.0.1');
    keep(client);
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut: () => {
      reached = Promise.withResolvers();
      end();
      return reached.promise;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      end();
      await once(server, 'close');
    },
  };
}
