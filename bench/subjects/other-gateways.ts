import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FigureSkipped } from '../figure.ts';
import { freePort, type ServerProcess, startNode, writeJson } from './server-process.ts';

/** Exactly these are measured; what they depend on is what npm chooses on the day. */
const PACKAGES = { 'mcp-proxy': '6.7.19', 'mcp-hub': '4.2.1' } as const;
const INSTALLS_WITHIN_MS = 120_000;
const home = fileURLToPath(new URL('../node_modules/.cache/other-gateways/', import.meta.url));

/** A gateway by others in front of one stdio server. */
export interface OtherGateway {
  readonly name: string;
  /** Where it differs, the transport before streamable HTTP. */
  readonly how: 'http' | 'sse';
  readonly start: (folder: string, command: string, args: readonly string[]) => Promise<ServerProcess>;
}

export const otherGateways: readonly OtherGateway[] = [
  {
    name: `mcp-proxy ${PACKAGES['mcp-proxy']}`,
    how: 'http',
    async start(_folder, command, args) {
      const main = `${await installed()}/node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs`;
      const port = await freePort();
      const own = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream', '--no-eventStore'];
      return startNode([main, ...own, '--', command, ...args], `http://127.0.0.1:${port}/mcp`);
    },
  },
  {
    name: `mcp-hub ${PACKAGES['mcp-hub']}`,
    how: 'sse',
    async start(folder, command, args) {
      const main = `${await installed()}/node_modules/mcp-hub/dist/cli.js`;
      const port = await freePort();
      const config = await writeJson(folder, `hub-${port}.json`, { mcpServers: { echo: { command, args } } });
      // It keeps state and logs in the home folder, and asks for a catalog on the internet, which is refused at once here.
      const env = {
        ...process.env,
        HOME: folder,
        XDG_STATE_HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        NODE_USE_ENV_PROXY: '1',
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
        NO_PROXY: '127.0.0.1,localhost',
      };
      return startNode([main, '--port', String(port), '--config', config], `http://127.0.0.1:${port}/mcp`, env);
    },
  },
];

let installing: Promise<string> | undefined;

/**
 * The folder in which they are; npm puts them there when they are first asked for. No install scripts run.
 *
 * @throws FigureSkipped where npm cannot do that, without a network for example.
 */
function installed(): Promise<string> {
  installing ??= install().catch((error: Error) => {
    const [first = ''] = error.message.split('\n');
    const code = /npm error code (\S+)/.exec(error.message)?.[1];
    throw new FigureSkipped(`npm could not install what is compared: ${code ?? first}`);
  });
  return installing;
}

async function install(): Promise<string> {
  const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  const folder = `${home}${wanted.join('+')}`;
  if (existsSync(folder)) return folder;
  const attempt = `${home}attempt-${process.pid}`;
  await mkdir(attempt, { recursive: true });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(attempt, { recursive: true, force: true }));
  await writeFile(`${attempt}/package.json`, '{"private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  await promisify(execFile)('npm', ['install', ...flags, ...wanted], { cwd: attempt, timeout: INSTALLS_WITHIN_MS });
  await rename(attempt, folder);
  return folder;
}
