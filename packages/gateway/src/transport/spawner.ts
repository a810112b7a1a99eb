import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RemoteChild } from './remote-child.ts';
import type { SpawnReport, SpawnRequest } from './spawn-protocol.ts';
import { type Spawned, type SpawnOptions, spawnHere } from './spawned.ts';

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './spawner-entry.ts' : './spawner-entry.js', import.meta.url),
);

/** How long the process is kept after the last program it has started is gone, in milliseconds. */
const IDLE_MS = 10_000;

type ExitReport = Extract<SpawnReport, { kind: 'exited' }>;

/** A program that is being started: it runs, and its three pipes have come, in whichever order. */
interface Starting {
  readonly pipes: (Socket | undefined)[];
  pid?: number;
  /** It may have ended before all that is here. */
  exit?: ExitReport;
  readonly settled: PromiseWithResolvers<Spawned | undefined>;
}

/** The process that starts programs, and the socket where their pipes lead. */
interface Helper {
  readonly process: ChildProcess;
  readonly server: Server;
  readonly path: string;
}

/**
 * Starts programs from a small process of its own. The system copies the memory map of whoever starts a program, and nothing
 * else is done meanwhile: in a gateway of 800 MB that took 57 ms for each program, from here 2 ms.
 *
 * The process begins with the first program and ends some seconds after the last. Where it cannot be had or is lost, programs are started from
 * the gateway itself; those that run go on.
 */
export class Spawner {
  readonly #starting = new Map<number, Starting>();
  readonly #running = new Map<number, RemoteChild>();
  #helper: Promise<Helper> | undefined;
  /** The programs that keep the gateway's own process alive, as those do that it has started itself. */
  readonly #held = new Set<number>();
  #channel: ChildProcess['channel'] | undefined;
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @throws the error of the system that says why the program cannot be started. */
  async spawn(options: SpawnOptions): Promise<Spawned> {
    clearTimeout(this.#idle);
    this.#helper ??= this.#begin();
    const helper = await this.#helper.catch(() => undefined);
    return (helper && (await this.#spawn(helper, options))) ?? spawnHere(options);
  }

  /** It is of no more use. */
  close(): void {
    clearTimeout(this.#idle);
    const ending = this.#helper;
    this.#helper = undefined;
    void ending?.then(end, () => {});
  }

  /** Undefined where the process is lost before it has told what became of it. */
  async #spawn({ process, path }: Helper, options: SpawnOptions): Promise<Spawned | undefined> {
    const id = ++this.#lastId;
    const starting: Starting = { pipes: [undefined, undefined, undefined], settled: Promise.withResolvers() };
    this.#starting.set(id, starting);
    const { promise, resolve } = starting.settled;
    this.#hold(id);
    process.send({ id, ...options, path } satisfies SpawnRequest, (error) => error && resolve(undefined));
    try {
      return await promise;
    } finally {
      this.#starting.delete(id);
      if (!this.#running.has(id)) {
        for (const pipe of starting.pipes) pipe?.destroy();
        this.#release(id);
      }
      this.#endWhenIdle();
    }
  }

  async #begin(): Promise<Helper> {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
    const path = join(folder, 'pipes');
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
    server.once('close', () => void rm(folder, { recursive: true, force: true }));
    server.listen(path);
    await once(server, 'listening');
    server.unref();
    const child = fork(ENTRY, { detached: true, stdio: 'ignore', execArgv: [], env: {} });
    const lost = (): void => this.#lost();
    child.once('error', lost);
    child.once('disconnect', lost);
    child.on('message', (report: SpawnReport) => this.#told(report));
    child.unref();
    this.#channel = child.channel ?? undefined;
    this.#channel?.unref();
    return { process: child, server, path };
  }

  /** Whose pipe it is, it says in its first line; what follows is the program's. */
  #connected(socket: Socket): void {
    socket.on('error', () => {});
    socket.once('readable', () => {
      const chunk: Buffer = socket.read() ?? Buffer.alloc(0);
      const end = chunk.indexOf('\n');
      const [id = 0, pipe = 0] = chunk.toString('latin1', 0, Math.max(end, 0)).split(' ').map(Number);
      const starting = this.#starting.get(id);
      if (!starting) {
        socket.destroy();
        return;
      }
      if (end + 1 < chunk.length) socket.unshift(chunk.subarray(end + 1));
      starting.pipes[pipe] = socket;
      this.#settleWhenWhole(id, starting);
    });
  }

  #told(report: SpawnReport): void {
    const { id } = report;
    const starting = this.#starting.get(id);
    if (report.kind === 'exited') {
      const child = this.#running.get(id);
      if (child) tellExit(child, report);
      else if (starting) starting.exit = report;
    } else if (report.kind === 'started' && starting) {
      starting.pid = report.pid;
      this.#settleWhenWhole(id, starting);
    } else if (report.kind === 'failed') {
      starting?.settled.reject(Object.assign(new Error(report.problem), { code: report.code }));
    }
  }

  #settleWhenWhole(id: number, { pid, pipes: [stdin, stdout, stderr], exit, settled }: Starting): void {
    if (pid === undefined || !stdin || !stdout || !stderr) return;
    const child = new RemoteChild(pid, [stdin, stdout, stderr], () => this.#release(id));
    this.#running.set(id, child);
    child.once('exit', () => {
      this.#running.delete(id);
      this.#release(id);
      this.#endWhenIdle();
    });
    settled.resolve(child);
    if (exit) tellExit(child, exit);
  }

  #lost(): void {
    this.close();
    for (const { settled } of this.#starting.values()) settled.resolve(undefined);
    for (const child of this.#running.values()) child.lookForEnd();
  }

  #hold(id: number): void {
    this.#held.add(id);
    this.#channel?.ref();
  }

  #release(id: number): void {
    this.#held.delete(id);
    if (this.#held.size === 0) this.#channel?.unref();
  }

  #endWhenIdle(): void {
    if (this.#starting.size + this.#running.size > 0) return;
    this.#idle = setTimeout(() => this.close(), IDLE_MS);
    this.#idle.unref();
  }
}

function end({ process, server }: Helper): void {
  if (process.connected) process.disconnect();
  server.close();
}

/** Whoever has asked for the program listens before that. */
function tellExit(child: RemoteChild, { exitCode, signal }: ExitReport): void {
  setImmediate(() => child.exited(exitCode, signal));
}
