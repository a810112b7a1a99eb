import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepChild, nodeFlags } from './children.ts';

const LAST_WORDS = 2_000;

/** A program that listens in a process of its own; disposing of it ends it. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** The end of what it has written on stderr. */
  lastWords(): string;
}

/** The programs of this folder that are started this way. */
type Program = 'parsing-proxy' | 'echo-server' | 'mcp-echo';

/** How Node is called to run a program of this folder. */
export function programArgs(name: Program | 'copying' | 'parsing-pipe', ...args: readonly string[]): readonly string[] {
  return [...nodeFlags, fileURLToPath(new URL(`./${name}-program.ts`, import.meta.url)), ...args];
}

/** A port nobody listens on: programs that cannot choose one themselves are told it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}

/** Starts Node with these arguments. It need not listen yet: whoever calls it waits for that. */
export function startNode(args: readonly string[], url: string, env: NodeJS.ProcessEnv = process.env): ServerProcess {
  const child = keepChild(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env }));
  let words = '';
  child.stderr.on('data', (bytes) => {
    words = (words + bytes).slice(-LAST_WORDS);
  });
  return {
    url,
    pid: child.pid ?? Number.NaN,
    lastWords: () => words,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Starts a program of this folder that takes its port as its first argument. */
export async function startProgram(name: Program, ...args: readonly string[]): Promise<ServerProcess> {
  const port = await freePort();
  return startNode(programArgs(name, String(port), ...args), `http://127.0.0.1:${port}/mcp`);
}

/** A folder for one figure's files. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'lockgate-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes JSON into a folder; answers the file's path. */
export async function writeJson(folder: string, name: string, value: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(value));
  return file;
}
