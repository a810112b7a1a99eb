import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server of this machine that can be cut like a cable. */
export interface CutProxy extends AsyncDisposable {
  /** The address of the server by this way. */
  readonly url: string;
  /** Resolves once the server has sent this on its way to the client. */
  passed(pattern: RegExp): Promise<void>;
  /** Ends every connection that is open; new ones are let through. Resolves with the first new one. */
  cut(): Promise<void>;
}

export async function openCutProxy(target: string): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  let sent = '';
  const listeners = new Set<() => void>();
  let reached = Promise.withResolvers<void>();
  const server = createServer((client) => {
    reached.resolve();
    const upstream = connect(Number(new URL(target).port), '127.0.0.1');
    keep(client);
    keep(upstream);
    client.pipe(upstream).pipe(client);
    upstream.on('data', (chunk: Buffer) => {
      sent += chunk.toString('latin1');
      for (const listener of listeners) listener();
    });
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
    passed: (pattern) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (pattern.test(sent)) resolve();
      };
      listeners.add(look);
      look();
      return promise;
    },
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
