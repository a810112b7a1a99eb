import cluster from 'node:cluster';
import { once } from 'node:events';
import { type LinkHandlers, ProcessLink } from '../process-link.ts';
import { childPort } from './child-port.ts';
import type { ServingProcess } from './serving-process.ts';
import { placeVariable, type WorkerPlace } from './worker-place.ts';

/**
 * Starts this program again, with the same arguments, as one that serves with others.
 *
 * @param handlers - What it may ask and tell, but for `ready` and whether to listen.
 */
export function startWorker(
  place: WorkerPlace,
  handlers: LinkHandlers,
  onReady: (said: never) => void,
): ServingProcess {
  const worker = cluster.fork(placeVariable(place));
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  const { promise: prepared, resolve: isPrepared } = Promise.withResolvers<void>();
  const { promise: listening, resolve: listen } = Promise.withResolvers<void>();
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<ServingProcess['ended']>>();
  const gone = once(worker, 'disconnect');
  worker.once('exit', (code: number | null, signal: string | null) => {
    // What it had still said is read first.
    if (worker.isConnected()) void gone.then(() => resolve({ code, signal }));
    else resolve({ code, signal });
  });
  worker.once('error', () => resolve({ code: 1, signal: null }));
  const link = new ProcessLink(childPort(worker as never), {
    ...handlers,
    listening: () => {
      isPrepared();
      return listening;
    },
    ready: (said: never) => {
      onReady(said);
      isReady();
    },
  });
  return {
    number: place.number,
    pid: worker.process.pid,
    link,
    prepared,
    ready,
    ended,
    listen,
    kill: (signal) => void worker.process.kill(signal),
  };
}
