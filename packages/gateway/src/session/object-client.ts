import { parseJson } from '../json.ts';
import { whole } from '../transport/join-parts.ts';
import { DuplexClient, type DuplexClientOptions } from './duplex-client.ts';
import type { PipeClient } from './pipe-client.ts';

/** A way to a client that takes and gives frames as parsed objects, such as an in-memory transport of the official SDK. */
export interface ObjectTransport {
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  onclose?: (() => void) | undefined;
  start(): Promise<void>;
  send(message: never): Promise<void>;
  close(): Promise<void>;
}

/** Serves a client over a transport that has parsed its frames already. */
export function openObjectClient(
  transport: ObjectTransport,
  options: Omit<DuplexClientOptions, 'wire' | 'eras'>,
): PipeClient {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let isOpen = true;
  const client = new DuplexClient({
    ...options,
    eras: 'both',
    wire: {
      send: (frame) =>
        void transport.send(parseJson(whole(frame).toString('utf8')) as never).catch(() => client.close()),
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        void transport.close().catch(() => {});
        resolve();
      },
    },
  });
  transport.onmessage = (message: unknown) => client.receive(Buffer.from(JSON.stringify(message)));
  transport.onclose = () => client.close();
  void transport.start().catch(() => client.close());
  return { closed, close: () => client.close() };
}
