import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLockgate } from '../cli/run-lockgate.ts';
import { guardedFiles, programOf, someFiles } from '../e2e/guarded-files.ts';
import { LockgateProcess } from '../e2e/lockgate-process.ts';

const HOSTILE = fileURLToPath(new URL('./fixtures/hostile-server.ts', import.meta.url));

export interface ServedConsole extends AsyncDisposable {
  /** Address of the console. */
  readonly url: string;
  /** Address for clients of MCP. */
  readonly mcp: string;
  /** A folder that the guarded server "files" has: `notes.txt`, and `private/diary.txt` with a tag. */
  readonly folder: string;
  /** An address that signs in once. */
  link(): Promise<string>;
  /** The configuration's file as it is now. */
  configuration(): Promise<string>;
  /** Bytes that the gateway's process holds. */
  rssBytes(): Promise<number>;
}

/** `lockgate serve` with a guarded server, an open one, one with pictures, one that tries to run in the browser, and one that does not start. */
export async function serveConsole(): Promise<ServedConsole> {
  const folder = someFiles();
  const { mcpServers, guards } = guardedFiles(folder, { mode: 'propagate' });
  const config = {
    gateway: { listen: '127.0.0.1:0', logDir: './logs', console: { allowConfigurationChanges: true } },
    guards,
    mcpServers: {
      ...mcpServers,
      everything: { command: process.execPath, args: [programOf('@modelcontextprotocol/server-everything')] },
      hostile: { command: process.execPath, args: [HOSTILE] },
      broken: { command: process.execPath, args: ['-e', 'console.error("DATABASE_URL is missing");process.exit(1)'] },
    },
  };
  await using opening = new AsyncDisposableStack();
  const gateway = opening.use(await LockgateProcess.start({ config }));
  const mcp = await gateway.url();
  await gateway.said(/Lockgate serves \d+ tools/);
  const moved = opening.move();
  const file = join(gateway.folder, 'lockgate.json');
  return {
    url: mcp.replace(/\/mcp$/, '/console/'),
    mcp,
    folder,
    link: async () => {
      const environment = { PATH: process.env.PATH ?? '', HOME: gateway.folder };
      const { stdout, stderr } = await runLockgate(['console', '--config', file], { environment });
      if (!stdout.includes('#sign-in=')) throw new Error(`no link: ${stderr}`);
      return stdout.trim();
    },
    configuration: () => readFile(file, 'utf8'),
    rssBytes: async () => {
      const status = await readFile(`/proc/${gateway.child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
