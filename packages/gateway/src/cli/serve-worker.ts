import { ClosingOrder } from '../closing-order.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Logging } from '../observe/logging.ts';
import type { Worker, WorkerEnd } from '../processes/open-worker.ts';
import type { WorkerPlace } from '../processes/worker-place.ts';
import { leaveSockets } from '../processes/worker-sockets.ts';
import { VERSION } from '../version.ts';
import type { OpenedConfig } from './config-options.ts';
import { onTakenPort } from './free-port.ts';
import { serversFirst } from './servers-first.ts';
import { letYoungGenerationGrow } from './v8-flags.ts';

/** How long it waits at most to be told to listen, in milliseconds. */
const LISTENING_MS = 30_000;

/** Serves as one of several processes, until the one that keeps them says that it is to end. */
export async function serveWorker(
  opened: OpenedConfig,
  { listen, socket, keeper }: WorkerPlace,
  worker: Worker,
  logging: Logging,
): Promise<void> {
  const { logger, redact } = logging;
  const { link, stopping } = worker;
  const config = asWorker(opened.config, listen);
  await using stack = new ClosingOrder();
  stack.defer(() => {
    // The one that keeps them has gone, and removes nothing any more.
    if (!link.isOpen) leaveSockets(socket);
  });
  const { createGateway } = await import('../gateway.ts');
  letYoungGenerationGrow();
  const gateway = await createGateway(config, {
    logger,
    redact,
    processes: worker.processes(logger),
    console: {
      log: logging.recent,
      adminSocket: socket,
      keeper,
      onTick: (tick) => link.tell('tick', tick),
    },
  });
  worker.serves(gateway);
  stack.defer(async () => {
    await gateway.close();
    // The last that is heard of it.
    link.tell('counted', await gateway.metrics());
  });
  stack.defer(() => ((stopping.reason as WorkerEnd) === 'leave' ? gateway.leave() : undefined));
  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
  // Without the others the first would take all clients that come now, and keep those whose connections stay open.
  await Promise.race([link.ask('listening', null, LISTENING_MS).catch(() => undefined), stopped]);
  if (stopping.aborted) return;
  await serversFirst(gateway, stopped);
  if (stopping.aborted) return;
  const { url } = await gateway.listen().catch((error: unknown) => {
    throw onTakenPort(error);
  });
  await Promise.race([gateway.started(), stopped]);
  if (stopping.aborted) return;
  link.tell('ready', { url, status: gateway.status(), version: VERSION, pid: process.pid });
  await stopped;
}

function asWorker(config: GatewayConfig, listen: string | undefined): GatewayConfig {
  const { gateway } = config;
  return { ...config, gateway: { ...gateway, listen: listen ?? gateway.listen } };
}
