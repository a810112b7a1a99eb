import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { SearchedTool } from '../../../src/catalog/search/tool-text.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

const require = createRequire(import.meta.url);

/** The reference servers that are installed with the tests. */
const SERVERS = ['everything', 'filesystem', 'memory'] as const;

const LIST_MS = 60_000;

/** A program that serves over its pipes. */
interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The tools of the reference servers, as they list them. */
export async function installedTools(): Promise<readonly SearchedTool[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-tools-'));
  const env = { PATH: process.env.PATH ?? '', MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  const lists = SERVERS.map((server) => {
    const args = [programOf(server), ...(server === 'filesystem' ? [folder] : [])];
    return toolsOf(server, { command: process.execPath, args, env });
  });
  return (await Promise.all(lists)).flat();
}

/** The tools of a server, as it lists them. Rejects where that takes a minute. */
export async function toolsOf(server: string, program: Program): Promise<readonly SearchedTool[]> {
  const client = new Client({ name: 'tools', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
  const { args, env, ...rest } = program;
  const transport = new StdioClientTransport({ ...rest, args: [...args], env: { ...env }, stderr: 'ignore' });
  try {
    await client.connect(transport, { timeout: LIST_MS });
    const { tools } = await client.listTools(undefined, { timeout: LIST_MS });
    return tools.map((tool) => ({ name: `${server}__${tool.name}`, server, item: ObjectText.from({ ...tool }) }));
  } finally {
    await transport.close();
  }
}

function programOf(server: (typeof SERVERS)[number]): string {
  const manifest = require.resolve(`@modelcontextprotocol/server-${server}/package.json`);
  const { bin } = require(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0] ?? '');
}
