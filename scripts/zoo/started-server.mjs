import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { endGroup, live } from '../../packages/gateway/test/zoo/pipe-wire.ts';
import { fill } from './scratch.mjs';

const START_MS = 60_000;

/** The program of a server in a folder of its own on one way, `more` for how it is told to serve over HTTP. */
export function programOf(server, { command, args }, scratch, more = server, port = '') {
  const put = (text) => text.replaceAll('{scratch}', scratch).replaceAll('{port}', String(port));
  const given = { ...server.env, ...more.env };
  fill(scratch, server);
  return {
    command,
    args: [...args, ...(more.args ?? []).map(put)],
    env: {
      PATH: process.env.PATH,
      HOME: scratch,
      LANG: 'C.UTF-8',
      // Sets come in the same order on every way.
      PYTHONHASHSEED: '0',
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, put(value)])),
    },
    cwd: scratch,
  };
}

/** Starts a server that listens, and waits until it does. */
export async function startListening(server, installed, scratch, more) {
  const port = await freePort();
  const program = programOf(server, installed, scratch, more, port);
  const env = { PORT: String(port), ...program.env };
  const child = spawn(program.command, program.args, { cwd: scratch, env, stdio: 'ignore', detached: true });
  child.on('error', () => {});
  const url = `http://${more.host ?? '127.0.0.1'}:${port}${more.path}`;
  live.add(child.pid);
  const stop = () => {
    live.delete(child.pid);
    endGroup(child.pid);
  };
  const end = Date.now() + START_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(url, { headers: { accept: 'text/event-stream' } }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return { url, stop };
    if (Date.now() > end) {
      stop();
      throw new Error(`nothing listens at ${more.path} after ${START_MS / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
