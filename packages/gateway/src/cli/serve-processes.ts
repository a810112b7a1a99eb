import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { ClosingOrder } from '../closing-order.ts';
import type { HandedFiles } from '../config/file-texts.ts';
import { GatewayClosedError } from '../errors.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import type { Logging } from '../observe/logging.ts';
import { AdminFront } from '../processes/admin-front.ts';
import { HandedConfiguration } from '../processes/handed-configuration.ts';
import { Processes } from '../processes/processes.ts';
import { startWorker } from '../processes/start-worker.ts';
import { endText, Supervisor } from '../processes/supervisor.ts';
import { sweepWorkerSockets, workerSockets } from '../processes/worker-sockets.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import { VERSION } from '../version.ts';
import { banner, consoleLines } from './banner.ts';
import type { OpenedConfig } from './config-options.ts';
import { configurationAccess } from './configuration-access.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { followWithProcesses } from './follow-with-processes.ts';
import { pasteableAddress } from './pasteable-address.ts';
import { refuseTakenAddress } from './refuse-early.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { isInTerminal, painter, type Terminal, wantsColor } from './terminal.ts';
import { ownFlags } from './v8-flags.ts';

/** What the last of its steps may take when a process ends, beside those that the configuration has a time for, in milliseconds. */
const END_MS = 15_000;
/** More than that share one state in one process of their own, which becomes what they wait for. */
const MOST = 64;
const MOST_BY_THEMSELVES = 8;

export interface ServeProcessesOptions {
  readonly count: number;
  readonly watch: boolean;
  /** Where to listen, where that is not what the configuration says. */
  readonly listen: string | undefined;
  /** Where `lockgate status` and others ask. */
  readonly adminSocket: string | undefined;
}

/** What a worker says when it serves. */
interface Ready {
  readonly url: string;
  readonly status: GatewayStatus;
  readonly version: string;
  readonly pid: number;
}

/** @throws CommandFailure for what is no number of processes. */
export function readProcesses(text: string): number {
  if (text === 'auto') return Math.min(availableParallelism(), MOST_BY_THEMSELVES);
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new CommandFailure(`--processes: expected a number from 1 to ${MOST}, or "auto", got "${text}"`, EXIT.usage);
}

/**
 * Serves with several processes, which listen at one address and share their state, and keeps them: this one serves nothing itself.
 *
 * @throws CommandFailure where the first of them does not come up, or all end again and again.
 */
export async function serveProcesses(
  opened: OpenedConfig,
  { count, watch, listen, adminSocket }: ServeProcessesOptions,
  logging: Logging,
  terminal: Terminal,
): Promise<void> {
  const { logger } = logging;
  const { gateway } = opened.config;
  await refuseTakenAddress(listen === undefined ? gateway : { ...gateway, listen });
  await using stack = new ClosingOrder();
  const now = (): number => performance.now();
  const store = createMemoryStore({ now, logger });
  stack.defer(() => store.close());
  cluster.setupPrimary({ execArgv: process.execArgv.filter((option) => !ownFlags.includes(option)) });

  await sweepWorkerSockets();
  const sockets = workerSockets();
  stack.defer(() => sockets.remove());
  let shown: Ready | undefined;
  let running = opened.config;
  const front = new AdminFront({
    path: adminSocket,
    keeper: sockets.keeper,
    processes: () => supervisor.serving.map(({ number }) => ({ number, socket: sockets.of(number) })),
    log: logging.recent,
    configuration: configurationAccess(opened, () => follower),
    config: () => running,
    redact: logging.redact,
    url: () => shown?.url,
    logger,
  });
  stack.defer(() => front.close());
  await front.openConsole();
  const processes = new Processes({
    supervisor: () => supervisor,
    store,
    wanted: count,
    onLine: logging.relay,
    onTick: (number, tick) => front.ticked(number, tick),
    onEnd: (number) => front.ended(number),
  });
  const { promise: looping, reject: loops } = Promise.withResolvers<never>();
  looping.catch(() => undefined); // there may be nobody who waits
  const handed = new HandedConfiguration(opened.texts);
  const supervisor = new Supervisor({
    count,
    logger,
    now,
    start: (number) =>
      handed.start((texts) =>
        processes.add((handlers) =>
          startWorker(
            { number, listen, socket: sockets.of(number), keeper: sockets.keeper },
            { ...handlers, configuration: (): HandedFiles => ({ path: opened.source, texts }) },
            (said: Ready) => {
              shown = said;
              logger.info({ worker: number, pid: said.pid }, 'a process serves');
            },
          ),
        ),
      ),
    isWaitedAt: (number) => front.isWaitedAt(number),
    endMs: () => gateway.drainMs + gateway.shutdownTimeoutMs + END_MS,
    pause: (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, milliseconds).unref();
      return promise;
    },
    onCrashLoop: (end) =>
      loops(new CommandFailure(`the processes end again and again before they serve, the last by ${endText(end)}`)),
  });

  let follower: ReturnType<typeof followWithProcesses> | undefined;
  const stopping = stopOnSignals(stack, {
    onStop(signal) {
      supervisor.startNoMore();
      logger.info(
        { signal, processes: supervisor.running.length },
        'closing: the processes may finish their calls; the same signal again stops at once',
      );
    },
    onHangUp: isInTerminal(terminal) ? undefined : () => void follower?.reload(),
    onSecond: () => supervisor.kill(),
  });
  stack.defer(() => supervisor.stop(stopping.reason === 'SIGTERM' ? 'leave' : 'close'));
  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
  const opening = supervisor.open();
  // What is asked for while they start is done once they have: each of them may have read the files before.
  follower = followWithProcesses({
    opened,
    logging,
    isWatching: watch,
    roll: async (config, texts) => {
      await Promise.race([opening, stopped]);
      const rolled = await handed.roll(supervisor, texts);
      if (rolled.failure !== undefined && stopping.aborted) throw new GatewayClosedError();
      if (rolled.failure === undefined) running = config;
      const version = shown?.version;
      if (version !== undefined && version !== VERSION)
        logger.warn(
          { serving: version, keeping: VERSION },
          'the processes that serve are of another version now; the one that keeps them stays what it is until the gateway is started anew',
        );
      return rolled;
    },
  });
  stack.defer(() => follower?.close());
  const end = await Promise.race([opening, stopped]);
  if (end) {
    supervisor.startNoMore();
    throw new CommandFailure(`the first process did not come up: it ended by ${endText(end)}`, end.code || EXIT.failed);
  }
  if (stopping.aborted || !shown) return;
  const { url, status } = shown;
  logger.info({ url, processes: count }, 'listening');
  const paint = painter(wantsColor(terminal));
  terminal.stderr.write(banner(pasteableAddress(url), opened, status, paint));
  const isAsked = await front.openSocket();
  const link = front.signInLink();
  if (link !== undefined)
    terminal.stderr.write(
      consoleLines(link, { isTerminal: terminal.stderr.isTTY === true, isAsked, flag: opened.flag }, paint),
    );
  await Promise.race([stopped, looping]);
}
