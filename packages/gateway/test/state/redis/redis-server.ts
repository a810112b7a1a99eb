import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const PROGRAM = [
  process.env.REDIS_SERVER ?? '',
  '/usr/bin/redis-server',
  '/usr/local/bin/redis-server',
  '/usr/bin/valkey-server',
].find(existsSync);

/** Why nothing can be tried with Redis here; undefined where it can. */
export const noRedis: string | undefined =
  PROGRAM === undefined
    ? 'there is no Redis here (Debian: apt-get install redis-server; or name one in REDIS_SERVER)'
    : undefined;
if (noRedis !== undefined) console.warn(`skipped: state in Redis: ${noRedis}`);

/** A Redis of the test's own on a free port, which it may stop, kill, pause and start again. */
export class RedisServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #control: Redis | undefined;

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /** @param settings - More arguments of the program. */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-redis-'));
    const server = new RedisServer(folder, await freePort(), settings);
    await server.startAgain();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** A client that is nobody's but the test's. */
  get control(): Redis {
    this.#control ??= new Redis(this.#port, '127.0.0.1').on('error', () => undefined);
    return this.#control;
  }

  /** Starts it where it was; it has what it had written to its disk. */
  async startAgain(): Promise<void> {
    const own = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const child = spawn(PROGRAM ?? '', [...own, ...this.#settings], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      if (said.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`redis-server did not start: ${said}`)));
    await promise;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Listens with TLS as well, with the certificates of its settings; the port. */
  async listenWithTls(): Promise<number> {
    const port = await freePort();
    await this.control.config('SET', 'tls-port', String(port));
    return port;
  }

  /** Keeps its connections and answers nothing, until `goOn`. */
  stall(): void {
    this.#process?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Makes it fail to write to its disk, as it does where that is full, and know of it. */
  async loseDisk(): Promise<void> {
    // It has to save at some time to refuse writes for it, and not of itself before it is told to: it does one at a time.
    await this.control.config('SET', 'save', '86400 1000000');
    await rm(this.#folder, { recursive: true, force: true });
    await this.control.set('no disk', '1');
    await this.control.bgsave();
    const failed = async (): Promise<boolean> =>
      (await this.control.info('persistence')).includes('rdb_last_bgsave_status:err');
    while (!(await failed())) await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control?.disconnect();
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
