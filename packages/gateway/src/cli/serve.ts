import type { Command } from 'commander';
import { ClosingOrder } from '../closing-order.ts';
import type { Discovery } from '../config/discovery.ts';
import type { HandedFiles } from '../config/file-texts.ts';
import { parseListen } from '../config/gateway-section.ts';
import { configNotes } from '../config/notes.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { adminSocketPath, reachableSocketPath } from '../console/admin-socket-path.ts';
import type { ConsoleSupport } from '../console/console-sources.ts';
import type { Logging } from '../observe/logging.ts';
import type { Worker } from '../processes/open-worker.ts';
import { takePlace, type WorkerPlace } from '../processes/worker-place.ts';
import { banner, consoleLines } from './banner.ts';
import { addConfigOptions, commandSetting, isYes, type OpenedConfig, openConfig } from './config-options.ts';
import { configurationAccess } from './configuration-access.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { type ConfigFollower, followConfig } from './follow-config.ts';
import { findFreePort, onTakenPort } from './free-port.ts';
import { narrowConfig, type Part } from './narrow-config.ts';
import { pasteableAddress } from './pasteable-address.ts';
import { pidOneNotes } from './pid-one-notes.ts';
import { refuseTakenAddress, refuseUnreachable } from './refuse-early.ts';
import { serversFirst } from './servers-first.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { isInTerminal, painter, type Terminal, wantsColor } from './terminal.ts';
import { letYoungGenerationGrow } from './v8-flags.ts';

/** `lockgate serve`. */
export function addServeCommand(program: Command, terminal: Terminal): void {
  addConfigOptions(program.command('serve'))
    .description('serve plugins and MCP servers to MCP clients, over HTTP or over stdio')
    .option('--stdio', 'speak MCP over stdin and stdout instead of HTTP')
    .option('--server <name>', 'over stdio: serve only this server or plugin, its names as they are')
    .option('--profile <name>', 'over stdio: serve only what is in this profile, and start nothing else')
    .option('--processes <n|auto>', 'serve with so many processes at one address, which share their state')
    .option('--port-fallback', 'take the next free port if the chosen one is taken')
    .option('--no-watch', 'do not apply changes of the configuration file while running')
    .option('--dry-run', 'say what would be served, and exit')
    .addHelpText(
      'after',
      `
Every flag that takes a value has a twin in the environment: --log-dir is MCP_GATEWAY_LOG_DIR. A value comes from the
first of: flag, environment, --env file, configuration file, default.

Signals: SIGTERM and SIGINT finish running calls (--shutdown-timeout) and exit 0; a second one stops at once.
SIGHUP reads the configuration and opens the log files again; in a terminal, which sends it when it closes, it stops.
Exit codes: 0 ended in order, 1 could not start or was stopped at once, 2 the configuration cannot be used.

Examples:
  lockgate serve --config lockgate.json
  lockgate serve --config lockgate.json --listen 127.0.0.1:8080 --log-level debug
  lockgate serve --config lockgate.json --processes auto
  lockgate serve --config lockgate.json --stdio --server textkit
  lockgate serve --config lockgate.json --stdio --profile coding
`,
    )
    .action((options: Record<string, unknown>) => serve(options, terminal));
}

async function serve(options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<void> {
  const place = takePlace(process.env);
  if (!place) return serveHere(options, terminal);
  const worker = (await import('../processes/open-worker.ts')).openWorker(place);
  try {
    await serveHere(options, terminal, { place, worker });
  } finally {
    // However it ended: what keeps the processes sees the end of one alone when their channel is closed.
    await worker.close();
  }
}

async function serveHere(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  among?: { readonly place: WorkerPlace; readonly worker: Worker },
): Promise<void> {
  // Where the one that keeps them is of a version that hands out nothing, each reads for itself.
  const handed = handedFiles(await among?.worker.link.ask('configuration', null).catch(() => undefined));
  const whole = await openConfig(options, terminal, undefined, handed);
  const stdio = options.stdio === true || isYes(await commandSetting('stdio', options, terminal, handed));
  const server = await commandSetting('server', options, terminal, handed);
  if (stdio && whole.source === 'stdin')
    throw new CommandFailure('--stdio needs stdin for itself; use --config', EXIT.usage);
  if (!stdio && server !== undefined) {
    throw new CommandFailure('--server goes with --stdio; over HTTP each server has its own /mcp/<server>', EXIT.usage);
  }
  const profile = await commandSetting('profile', options, terminal, handed);
  if (!stdio && profile !== undefined) {
    throw new CommandFailure('--profile goes with --stdio; over HTTP each profile has its /mcp/@<name>', EXIT.usage);
  }
  if (server !== undefined && profile !== undefined)
    throw new CommandFailure('--server and --profile both say what is served: give one of them', EXIT.usage);
  const processes = await commandSetting('processes', options, terminal, handed);
  const count = processes === undefined ? undefined : await processesOf(processes, { stdio, source: whole.source });
  const part = server !== undefined ? { server } : profile !== undefined ? { profile } : undefined;
  const opened = part === undefined ? whole : narrowConfig(whole, part);
  if (!stdio) refuseUnreachable(opened.config.gateway);
  if (options.dryRun === true) return (await import('./dry-run.ts')).dryRun(opened, terminal);

  const { logDir, logLevel, logRotation } = opened.config.gateway;
  // Loaded here, as the gateway is: the other commands need neither.
  const { openLogging } = await import('../observe/logging.ts');
  const logging = openLogging({
    level: logLevel,
    worker: among && { number: among.place.number, send: (line) => among.worker.link.tell('log', line) },
    logDir,
    rotation: logRotation,
    terminal: terminal.stderr,
    color: wantsColor(terminal),
    secrets: opened.secrets,
  });
  try {
    if (among) {
      const { serveWorker } = await import('./serve-worker.ts');
      return await serveWorker(opened, among.place, among.worker, logging);
    }
    for (const note of [...opened.warnings, ...configNotes(whole.config), ...pidOneNotes(opened.config)])
      logging.logger.warn({}, note);
    // Checked with the configuration, of which it is a key as well. Over stdio it is the one session's own.
    const discovery = stdio ? ((await commandSetting('discovery', options, terminal, handed)) as Discovery) : undefined;
    const portFallback = options.portFallback === true;
    if (count !== undefined) {
      const listen = portFallback ? (await withFreePort(opened.config, terminal)).gateway.listen : undefined;
      const { serveProcesses } = await import('./serve-processes.ts');
      const adminSocket = socketOf(opened, terminal);
      const how = { count, watch: options.watch !== false, listen, adminSocket };
      return await serveProcesses(opened, how, logging, terminal);
    }
    const how = { stdio, part, discovery, portFallback, watch: options.watch !== false };
    await run(opened, how, logging, terminal);
  } finally {
    await logging.close();
  }
}

/** One that keeps them and is of an earlier version hands out no path. */
function handedFiles(answer: unknown): HandedFiles | undefined {
  const handed = answer as Partial<HandedFiles> | undefined;
  return typeof handed?.path === 'string' && typeof handed.texts === 'object' ? (handed as HandedFiles) : undefined;
}

/** @throws CommandFailure where several processes cannot serve what is asked for. */
async function processesOf(text: string, how: { readonly stdio: boolean; readonly source: string }): Promise<number> {
  if (how.stdio) {
    const message = '--processes does not go with --stdio: a pipe has one client, which one process serves';
    throw new CommandFailure(message, EXIT.usage);
  }
  if (how.source === 'stdin') {
    const message = '--processes wants the configuration in a file: each process reads it, and stdin can be read once';
    throw new CommandFailure(message, EXIT.usage);
  }
  return (await import('./serve-processes.ts')).readProcesses(text);
}

interface RunOptions {
  readonly stdio: boolean;
  readonly part: Part | undefined;
  readonly discovery: Discovery | undefined;
  readonly portFallback: boolean;
  readonly watch: boolean;
}

async function run(opened: OpenedConfig, how: RunOptions, logging: Logging, terminal: Terminal): Promise<void> {
  const { logger, redact } = logging;
  await using stack = new ClosingOrder();
  let follower: ConfigFollower | undefined;
  const stopping = stopOnSignals(stack, {
    onStop(signal) {
      const { shutdownTimeoutMs } = opened.config.gateway;
      logger.info(
        { signal, shutdownTimeoutMs },
        'closing: running calls may finish; the same signal again stops at once',
      );
    },
    // While it starts, the files have just been read.
    onHangUp: isInTerminal(terminal) ? undefined : () => void follower?.reload(),
  });

  const config = how.stdio
    ? withoutConsole(opened.config)
    : how.portFallback
      ? await withFreePort(opened.config, terminal)
      : opened.config;
  if (!how.stdio) await refuseTakenAddress(config.gateway);
  const { createGateway } = await import('../gateway.ts');
  let isAsked = false;
  const console: ConsoleSupport = {
    log: logging.recent,
    configuration: configurationAccess(opened, () => follower),
    adminSocket: socketOf(opened, terminal),
    onSocketOpen: () => {
      isAsked = true;
    },
  };
  const { adminSocket } = opened.config.gateway;
  if (adminSocket && adminSocket !== console.adminSocket)
    logger.info({ path: console.adminSocket }, '"gateway.adminSocket" is too long for a socket, which is here instead');
  letYoungGenerationGrow();
  const gateway = await createGateway(config, { logger, redact, console });
  stack.defer(() => gateway.close());
  // Whoever stops it by hand waits for no balancer.
  stack.defer(() => (stopping.reason === 'SIGTERM' && !how.stdio ? gateway.leave() : undefined));
  if (stopping.aborted) return;
  follower = followConfig({ opened, running: config, gateway, logging, isWatching: how.watch });
  stack.defer(() => follower?.close());

  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
  if (how.stdio) {
    const served = gateway.serveStdio({ ...how.part, ...(how.discovery && { discovery: how.discovery }) });
    await Promise.race([served, stopped]).catch((error: unknown) => {
      logger.error({ err: error }, 'the client over stdio is no longer served');
      throw error;
    });
    return;
  }
  if (config.gateway.state) await serversFirst(gateway, stopped);
  if (stopping.aborted) return;
  const { url } = await gateway.listen().catch((error: unknown) => {
    throw onTakenPort(error);
  });
  logger.info({ url }, 'listening');
  await Promise.race([gateway.started(), stopped]);
  if (stopping.aborted) return;
  const paint = painter(wantsColor(terminal));
  const { flag } = opened;
  terminal.stderr.write(banner(pasteableAddress(url), { config, flag }, gateway.status(), paint));
  // To a terminal alone: whoever has the address is the operator, and what is no terminal may be a log.
  const link = gateway.signInLink();
  const isTerminal = terminal.stderr.isTTY === true;
  if (link !== undefined) terminal.stderr.write(consoleLines(link, { isTerminal, isAsked, flag }, paint));
  await stopped;
}

/** Over stdio nothing listens that could show it. */
function withoutConsole(config: GatewayConfig): GatewayConfig {
  return { ...config, gateway: { ...config.gateway, console: false } };
}

/** Where `lockgate status` looks for this gateway; nowhere where its configuration has no name. */
function socketOf({ config, files }: OpenedConfig, { environment }: Terminal): string | undefined {
  const { adminSocket } = config.gateway;
  if (adminSocket === false) return undefined;
  if (adminSocket !== undefined) return reachableSocketPath(adminSocket, environment);
  return files[0] === undefined ? undefined : adminSocketPath(files[0], environment);
}

async function withFreePort(config: GatewayConfig, terminal: Terminal): Promise<GatewayConfig> {
  const wanted = parseListen(config.gateway.listen);
  if (wanted === null) return config;
  const port = await findFreePort(wanted.host, wanted.port);
  if (port === wanted.port) return config;
  terminal.stderr.write(`Port ${wanted.port} is taken; taking ${port} instead.\n`);
  const host = wanted.host.includes(':') ? `[${wanted.host}]` : wanted.host;
  return { ...config, gateway: { ...config.gateway, listen: `${host}:${port}` } };
}
