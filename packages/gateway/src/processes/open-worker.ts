import cluster from 'node:cluster';
import type { Gateway } from '../gateway-contract.ts';
import type { OtherProcesses, OtherStatuses } from '../gateway-processes.ts';
import type { Logger } from '../logger.ts';
import { ProcessLink } from '../process-link.ts';
import { IpcStore } from '../state/ipc/ipc-store.ts';
import { childPort } from './child-port.ts';
import type { WorkerPlace } from './worker-place.ts';

/** How this process is to end: after others have taken over, or at once. */
export type WorkerEnd = 'leave' | 'close';

/** This process as one of several that serve together. */
export interface Worker {
  readonly link: ProcessLink;
  /** Aborted when it is to end, with how. */
  readonly stopping: AbortSignal;
  /** The others, as the gateway needs them. */
  processes(logger: Logger): OtherProcesses;
  /** The gateway that it serves, of which it is asked from now on. */
  serves(gateway: Pick<Gateway, 'status' | 'metrics'>): void;
  /** Leaves the others, once all that was told them is on its way. */
  close(): Promise<void>;
}

/** Joins the processes that serve together. Where the one that keeps them ends, this one does as well, once its calls are over. */
export function openWorker({ number }: WorkerPlace): Worker {
  let gateway: Pick<Gateway, 'status' | 'metrics'> | undefined;
  let store: IpcStore | undefined;
  const stopping = new AbortController();
  const end = (how: WorkerEnd) => (): void => stopping.abort(how);
  const link = new ProcessLink(childPort(process as never), {
    status: () => gateway?.status() ?? null,
    metrics: () => gateway?.metrics() ?? '',
    heard: (message: readonly [string, string]) => store?.heard(message),
    leave: end('leave'),
    close: end('close'),
  });
  // Node would end it in the middle of its calls.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', end('close'));
  // Somebody ends this one alone; a terminal tells all, of which the one that keeps them decides.
  process.on('SIGTERM', end('leave'));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  return {
    link,
    stopping: stopping.signal,
    processes: (logger) => {
      store = new IpcStore(link, logger);
      return {
        number,
        store,
        statuses: async () => (await link.ask('statuses', null)) as OtherStatuses,
        metrics: async (own) => (await link.ask('sum', own)) as string,
      };
    },
    serves: (served) => {
      gateway = served;
    },
    async close() {
      link.close();
      if (!process.connected) return;
      const { promise: sent, resolve } = Promise.withResolvers<unknown>();
      process.send?.({}, undefined, {}, resolve);
      await sent;
      process.disconnect?.();
    },
  };
}
