import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/free-port.ts';
import type { LockgateFile } from '../../src/config/schema.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { serveData } from './data-server.ts';
import { LockgateProcess } from './lockgate-process.ts';

const PROGRAM = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0);
const missing =
  noRedis ?? (PROGRAM === undefined ? 'nginx is not installed here (Debian: apt-get install nginx-light)' : undefined);
if (missing !== undefined) console.warn(`skipped: rolling upgrades behind nginx: ${missing}`);

/** With it so many upgrades of all are made, and each replica is a process of its own, ended by SIGTERM. */
const UPGRADES = Number(process.env.LOCKGATE_UPGRADES ?? 0);
const CLIENTS = UPGRADES > 0 ? 40 : 8;
const SITE = readFileSync(new URL('../../../../examples/deploy/nginx.conf', import.meta.url), 'utf8');

let redis: RedisServer;
let data: Awaited<ReturnType<typeof serveData>>;

beforeAll(async () => {
  if (missing !== undefined) return;
  redis = await RedisServer.start();
  data = await serveData();
});
afterAll(async () => {
  await data?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

interface Replica {
  end(): Promise<void>;
}

async function start(port: number): Promise<Replica> {
  const config = {
    gateway: { listen: `127.0.0.1:${port}`, state: { redis: { url: redis.url } } },
    mcpServers: { data: { url: data.url } },
  } as LockgateFile;
  if (UPGRADES === 0) {
    const gateway = await createGateway(config);
    await gateway.listen();
    await gateway.started();
    return { end: () => gateway.leave().then(() => gateway.close()) };
  }
  const replica = await LockgateProcess.start({ config });
  await replica.said(/Lockgate\S* serves /);
  return {
    async end() {
      expect(await replica.stop()).toBe(0);
    },
  };
}

/** nginx with the site of examples/deploy in front of these ports. */
class Balancer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
    this.#child = spawn(PROGRAM ?? '', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], {
      stdio: 'inherit',
    });
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-nginx-'));
    const port = await findFreePort('127.0.0.1', 33_000);
    const servers = ports.map((one) => `server 127.0.0.1:${one} max_fails=0;`).join('\n');
    const site = SITE.replace(/server lockgate:3000 .*;/, servers).replace('listen 3000', `listen 127.0.0.1:${port}`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const whole = `pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1; events {} http { access_log off; ${temporary.join(' ')} ${site} }`;
    writeFileSync(join(folder, 'nginx.conf'), whole);
    const balancer = new Balancer(`http://127.0.0.1:${port}`, folder);
    const isThere = (): Promise<boolean> =>
      fetch(`${balancer.url}/health/live`).then(
        () => true,
        () => false,
      );
    while (!(await isThere())) await new Promise(setImmediate);
    return balancer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGQUIT');
    this.#child.kill('SIGTERM');
    await gone;
    rmSync(this.#folder, { recursive: true });
  }
}

describe.skipIf(missing !== undefined)('three gateways behind nginx', () => {
  test('are replaced one after the other under load, and no call fails', { timeout: 600_000 }, async () => {
    const ports: number[] = [];
    for (let from = 33_100; ports.length < 3; from = (ports.at(-1) ?? 0) + 1)
      ports.push(await findFreePort('127.0.0.1', from));
    const replicas = await Promise.all(ports.map(start));
    await using balancer = await Balancer.start(ports);
    const url = `${balancer.url}/mcp`;
    let isOver = false;
    let right = 0;
    const wrong: string[] = [];
    const client = async (index: number): Promise<void> => {
      const isModern = index % 2 === 0;
      const headers = isModern ? modernHeaders('data__give') : await beginSession(url);
      for (let call = 0; !isOver; call += 1) {
        const word = `w${index}x${call}`;
        const body = callFrame(
          isModern ? 'modern' : 'legacy',
          '1',
          'data__give',
          JSON.stringify({ data: `"${word}"` }),
        );
        const response = await fetch(url, { method: 'POST', headers, body });
        const answer = (await framesOf(response)).at(-1) ?? '';
        if (response.status === 200 && answer.includes(word)) right += 1;
        else wrong.push(`${index % 2} ` + `${response.status} ${answer.slice(0, 200)}`);
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
    for (let upgrade = 0; upgrade < Math.max(UPGRADES, 1); upgrade += 1) {
      for (const [index, port] of ports.entries()) {
        await replicas[index]?.end();
        replicas[index] = await start(port);
      }
    }
    isOver = true;
    await clients;
    if (UPGRADES > 0) console.log(`${UPGRADES} upgrades of three: ${right} right, ${wrong.length} wrong`);
    await Promise.all(replicas.map((replica) => replica.end()));
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(CLIENTS);
  });

  test('asks nobody to go while balancers are to notice: who connected again would be cut when it stops to listen', async () => {
    const config = { gateway: { listen: '127.0.0.1:0', drainMs: 3_600_000, state: { redis: { url: redis.url } } } };
    await using gateway = await createGateway(config as LockgateFile);
    const { url } = await gateway.listen();
    void gateway.leave();
    const ready = await fetch(new URL('/health/ready', url));
    expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'keep-alive']);
  });
});
