import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { FigureSkipped } from '../figure.ts';
import { keepChild } from './children.ts';
import { freePort } from './server-process.ts';

const PROGRAM = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/valkey-server'].find(existsSync);

/** A Redis of one figure's own, which writes nothing to the disk. */
export async function startRedis(
  folder: string,
): Promise<{ readonly url: string; readonly port: number } & AsyncDisposable> {
  if (PROGRAM === undefined) throw new FigureSkipped('there is no Redis here (Debian: apt-get install redis-server)');
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = keepChild(
    spawn(PROGRAM, [...settings, '--maxmemory-policy', 'noeviction'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('Ready to accept connections')) break;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
