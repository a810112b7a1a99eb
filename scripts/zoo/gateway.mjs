import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { live } from '../../packages/gateway/test/zoo/pipe-wire.ts';
import { root } from '../dev/process.mjs';

const MAIN = join(root, 'packages/gateway/src/cli/main.ts');
const FROM_SOURCE = ['--conditions=@lockgate/source', MAIN, 'serve', '--no-watch', '--log-level', 'warn'];
const START_MS = 300_000;

/** Writes the one configuration with all servers behind it, and says how a client starts or reaches the gateway. */
export function configure(folder, mcpServers) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'lockgate.json');
  writeFileSync(file, JSON.stringify({ gateway: { listen: '127.0.0.1:0', prefix: 'auto' }, mcpServers }, null, 2));
  const env = { PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile') };
  return {
    /** A `lockgate serve` with everything, over HTTP. */
    serve: () => serve(file, env),
    /** The program that a client starts to have one server over its pipes. */
    programFor: (name) => ({
      command: process.execPath,
      args: [...FROM_SOURCE, '--config', file, '--stdio', '--server', name],
      env,
      cwd: folder,
    }),
  };
}

async function serve(file, env) {
  const child = spawn(process.execPath, [...FROM_SOURCE, '--config', file], {
    detached: true,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  live.add(child.pid);
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`lockgate serve ended with ${code}:\n${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+\/mcp\b/.exec(said)?.[0];
      if (found) resolve(found);
    });
  });
  return {
    url,
    /** Waits for every server to be up or down; resolves with why each is not up. */
    settled: () => settled(new URL('/health/ready', url)),
    said: () => said,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
      live.delete(child.pid);
    },
  };
}

async function settled(address) {
  const end = Date.now() + START_MS;
  for (;;) {
    const { entries = [] } = await (await fetch(address)).json();
    if (entries.length > 0 && (Date.now() > end || !entries.some(({ state }) => state === 'starting'))) {
      return new Map(
        entries.filter(({ state }) => state !== 'up').map(({ name, reason }) => [name, reason ?? 'starting']),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
