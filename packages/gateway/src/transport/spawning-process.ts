import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RemoteChild } from './remote-child.ts';
import type { SpawnReport, SpawnRequest } from './spawn-protocol.ts';
import type { Spawned, SpawnOptions } from './spawned.ts';

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './spawner-entry.ts' : './spawner-entry.js', import.meta.url),
);

type ExitReport = Extract<SpawnReport, { kind: 'exited' }>;

/** A program that is being started: it runs, and its three pipes have come, in whichever order. */
interface Starting {
  readonly pipes: (Socket | undefined)[];
  pid?: number;
  /** It may have ended before all that is here. */
  exit?: ExitReport;
  readonly settled: PromiseWithResolvers<Spawned | undefined>;
}

export interface SpawningListener {
  /** No program runs or is being started any more. */
  readonly onIdle: (process: SpawningProcess) => void;
  /** Nothing can be started from it any more: it was closed, or it is lost. */
  readonly onLost: () => void;
}

/** One process that starts programs, the socket where their pipes lead, and the programs: their ends are told by it alone. */
export class SpawningProcess {
  readonly #process: ChildProcess;
  readonly #server: Server;
  readonly #path: string;
  readonly #listener: SpawningListener;
  readonly #starting = new Map<number, Starting>();
  readonly #running = new Map<number, RemoteChild>();
  /** The programs that keep the gateway's own process alive, as those do that it has started itself. */
  readonly #held = new Set<number>();
  #lastId = 0;

  /** Begins it; rejects where the system refuses the folder or the socket. */
  static async begin(listener: SpawningListener): Promise<SpawningProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
    const path = join(folder, 'pipes');
    const server = createServer({ allowHalfOpen: true });
    server.once('close', () => void rm(folder, { recursive: true, force: true }));
    server.listen(path);
    await once(server, 'listening');
    server.unref();
    return new SpawningProcess(server, path, listener);
  }

  private constructor(server: Server, path: string, listener: SpawningListener) {
    this.#server = server;
    this.#path = path;
    this.#listener = listener;
    server.on('connection', (socket) => this.#connected(socket));
    this.#process = fork(ENTRY, { detached: true, stdio: 'ignore', execArgv: [], env: {} });
    this.#process.once('error', () => this.#lost());
    this.#process.once('disconnect', () => this.#lost());
    this.#process.on('message', (report: SpawnReport) => this.#told(report));
    this.#process.unref();
    this.#process.channel?.unref();
  }

  get isIdle(): boolean {
    return this.#starting.size + this.#running.size === 0;
  }

  /** Undefined where the process is lost before it has told what became of it. */
  async spawn(options: SpawnOptions): Promise<Spawned | undefined> {
    const id = ++this.#lastId;
    const starting: Starting = { pipes: [undefined, undefined, undefined], settled: Promise.withResolvers() };
    this.#starting.set(id, starting);
    const { promise, resolve } = starting.settled;
    this.#hold(id);
    const request: SpawnRequest = { id, ...options, path: this.#path };
    this.#process.send(request, (error) => error && resolve(undefined));
    try {
      return await promise;
    } finally {
      this.#starting.delete(id);
      if (!this.#running.has(id)) {
        for (const pipe of starting.pipes) pipe?.destroy();
        this.#release(id);
      }
      this.#tellWhenIdle();
    }
  }

  /** It starts nothing more. Programs that run go on; how they end nobody knows then. */
  close(): void {
    if (this.#process.connected) this.#process.disconnect();
    this.#server.close();
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
      this.#tellWhenIdle();
    });
    settled.resolve(child);
    if (exit) tellExit(child, exit);
  }

  #lost(): void {
    this.close();
    this.#listener.onLost();
    for (const { settled } of this.#starting.values()) settled.resolve(undefined);
    for (const child of this.#running.values()) child.lookForEnd();
  }

  #hold(id: number): void {
    this.#held.add(id);
    this.#process.channel?.ref();
  }

  #release(id: number): void {
    this.#held.delete(id);
    if (this.#held.size === 0) this.#process.channel?.unref();
  }

  #tellWhenIdle(): void {
    if (this.isIdle) this.#listener.onIdle(this);
  }
}

/** Whoever has asked for the program listens before that. */
function tellExit(child: RemoteChild, { exitCode, signal }: ExitReport): void {
  setImmediate(() => child.exited(exitCode, signal));
}
