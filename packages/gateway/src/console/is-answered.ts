import { connect } from 'node:net';

/** How long a gateway may take to say that it lives, in milliseconds. */
const PROBE_MS = 1_000;

/** Whether somebody listens at a socket of the file system; one that is too busy to say so does. */
export async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, PROBE_MS, true);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const isLiving = await promise;
  clearTimeout(timer);
  socket.destroy();
  return isLiving;
}
