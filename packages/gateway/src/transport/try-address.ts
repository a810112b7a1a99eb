import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { ListenError } from '../errors.ts';
import { isThere, LOOPBACKS } from './loopbacks.ts';

/** Where a connection to any address of the machine goes. */
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Finds out whether an address can be listened on, without listening there: who connects meanwhile, such as a balancer that tries a gateway which starts again, is refused. Taken
 * for a moment, it would be cut, and what it has sent is not sent again.
 *
 * @throws GATEWAY_LISTEN when it cannot.
 */
export async function tryAddress(host: string, port: number): Promise<void> {
  try {
    if (host !== 'localhost') await holdBriefly(host, port);
    else if (!(await isThere(holdBriefly(LOOPBACKS[0], port)))) await holdBriefly(LOOPBACKS[1], port);
    else await isThere(holdBriefly(LOOPBACKS[1], port));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ListenError({ host, port, reason: code }, { cause: error });
  }
}

/** Has the port as the near end of a connection; the far end is a port that the system chooses. */
async function holdBriefly(host: string, port: number): Promise<void> {
  const far = createServer((socket) => socket.on('error', () => {})).listen(0, host);
  await once(far, 'listening');
  const { address, port: farPort } = far.address() as AddressInfo;
  try {
    // Where it chose the very same one, that is free.
    if (port === 0 || port === farPort) return;
    const near = connect({
      host: LOOPBACK_OF[address] ?? address,
      port: farPort,
      localAddress: address,
      localPort: port,
    });
    await once(near, 'connect');
    // By a reset the system forgets it at once.
    near.on('error', () => {}).resetAndDestroy();
    await once(near, 'close');
  } finally {
    far.close();
  }
}
