import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { waitingConnections } from '../../src/transport/waiting-connections.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('skipped: waiting connections: only Linux tells of them');

test.skipIf(!isLinux)(
  'counts those that nobody has taken yet, and knows nothing of a port where nobody listens',
  async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(waitingConnections(port)).toBe(0);
    const sockets = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
    await new Promise<void>((resolve) => process.nextTick(resolve)); // they connect
    expect(waitingConnections(port)).toBe(3);
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    expect(waitingConnections(port)).toBe(0);
    server.close();
    await once(server, 'close');
    expect(waitingConnections(port)).toBeUndefined();
  },
);
