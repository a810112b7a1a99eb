import { ListenError } from '../errors.ts';
import { tryAddress } from '../transport/try-address.ts';
import { CommandFailure } from './exit-code.ts';

const MOST_TRIES = 50;

/** The first port from `port` upwards that can be listened on. Port 0 stays 0: the system chooses. */
export async function findFreePort(host: string, port: number): Promise<number> {
  if (port === 0) return 0;
  for (let candidate = port; candidate < Math.min(port + MOST_TRIES, 65_536); candidate++) {
    if (await isFree(host, candidate)) return candidate;
  }
  throw new CommandFailure(
    `none of the ${MOST_TRIES} ports from ${port} on is free on ${host}; choose one with --listen`,
  );
}

/** The error to show for one of listening: of a port that is taken, one that names the flag that takes another. */
export function onTakenPort(error: unknown): unknown {
  if (!(error instanceof ListenError) || error.facts.reason !== 'EADDRINUSE') return error;
  return new CommandFailure(
    `${error.problem}; choose another address with --listen or "gateway.listen", or take the next free port with --port-fallback`,
  );
}

async function isFree(host: string, port: number): Promise<boolean> {
  try {
    await tryAddress(host, port);
    return true;
  } catch (error) {
    if (error instanceof ListenError && error.facts.reason === 'EADDRINUSE') return false;
    throw error;
  }
}
