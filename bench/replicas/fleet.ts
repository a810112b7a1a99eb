import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openBackEnd } from './back-end.ts';
import type { Balancer } from './balancer.ts';

const GATEWAY = fileURLToPath(new URL('../../packages/gateway/dist/main.js', import.meta.url));
const REPLICAS = 3;

const REDIS = ['redis-server', '/usr/bin/redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Why nothing can be run here; undefined where it can. */
export const whyNoFleet: string | undefined =
  REDIS === undefined ? 'this needs redis-server (Debian: apt-get install redis-server)' : undefined;

/** Three gateways of one configuration as processes, their Redis, a balancer in front of them in turn, and one server behind. */
export class Fleet implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockgate-replicas-'));
  readonly #owned = new AsyncDisposableStack();
  readonly #gateways: ChildProcess[] = [];
  readonly #balancer: Balancer;
  #ports: readonly number[] = [];
  #url = '';
  /** Whether logs and configurations stay. */
  isKept = false;

  private constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  /** @param drainMs - `gateway.drainMs` of each. */
  static async start(balancer: Balancer, drainMs: number): Promise<Fleet> {
    const fleet = new Fleet(balancer);
    try {
      await fleet.#start(drainMs);
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  /** Where clients reach whichever gateway is next. */
  get url(): string {
    return this.#url;
  }

  /** Kills one gateway after the other, each so many milliseconds, and starts it again. Answers how many, once it is told to end. */
  async killInTurn(eachMs: number, over: AbortSignal): Promise<number> {
    let kills = 0;
    while (eachMs > 0) {
      await pause(eachMs, undefined, { signal: over }).catch(() => {});
      if (over.aborted) break;
      const at = kills++ % REPLICAS;
      const gone = this.#gateways[at];
      gone?.kill('SIGKILL');
      await (gone && once(gone, 'exit'));
      await this.#startGateway(at);
    }
    return kills;
  }

  /** Stops one gateway after the other with SIGTERM and starts it again, all of them so many times. */
  async upgradeInTurn(times: number): Promise<void> {
    for (let turn = 0; turn < times * REPLICAS; turn++) {
      const at = turn % REPLICAS;
      const gateway = this.#gateways[at] as ChildProcess;
      const gone = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      const [code, signal] = await gone;
      if (code !== 0) throw new Error(`a gateway that was to leave ended with ${code ?? signal}; see ${this.#folder}`);
      await this.#startGateway(at);
      await pause(this.#balancer.noticesAfterMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
    if (this.isKept) console.log(`logs and configuration: ${this.#folder}`);
    else rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(drainMs: number): Promise<void> {
    const backEnd = await openBackEnd();
    this.#owned.defer(() => backEnd.close());
    const [redis = 0, front = 0, ...ports] = await freePorts(REPLICAS + 2);
    this.#ports = ports;
    await this.#program(REDIS ?? '', ['--port', `${redis}`, '--bind', '127.0.0.1', '--save', ''], /Ready to accept/);
    for (const [at, port] of ports.entries()) {
      const gateway = {
        listen: `127.0.0.1:${port}`,
        state: { redis: { url: `redis://127.0.0.1:${redis}` } },
        limits: { maxConnections: 10_000 },
        drainMs,
      };
      writeFileSync(this.#configOf(at), JSON.stringify({ gateway, mcpServers: { b: { url: backEnd.url } } }));
    }
    for (const at of ports.keys()) await this.#startGateway(at);
    this.#owned.defer(() => Promise.all(this.#gateways.map(ended)).then(() => undefined));
    const { program, file, configuration, args } = this.#balancer;
    const conf = join(this.#folder, file);
    writeFileSync(conf, configuration(this.#folder, front, ports));
    await this.#program(program, args(this.#folder, conf), undefined);
    this.#url = `http://127.0.0.1:${front}/mcp`;
    const isUp = (): Promise<boolean> =>
      fetch(new URL('/health/ready', this.#url)).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isUp())) await pause(50);
  }

  #configOf(at: number): string {
    return join(this.#folder, `gateway-${at}.json`);
  }

  async #startGateway(at: number): Promise<void> {
    const child = spawn(process.execPath, [GATEWAY, 'serve', '--config', this.#configOf(at)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#gateways[at] = child;
    child.stderr?.pipe(createWriteStream(join(this.#folder, `gateway-${at}.log`), { flags: 'a' }));
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${this.#ports[at]}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error(`a gateway did not start; see ${this.#folder}`);
      await pause(50);
    }
  }

  async #program(name: string, args: readonly string[], ready: RegExp | undefined): Promise<void> {
    const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#owned.defer(() => ended(child));
    let said = '';
    for await (const chunk of ready ? child.stdout.iterator({ destroyOnReturn: false }) : []) {
      said += chunk;
      if (ready?.test(said)) break;
    }
    child.stdout.resume();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const probe of probes) {
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    ports.push((probe.address() as { port: number }).port);
  }
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
