import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, type Transport } from '@modelcontextprotocol/client';
import type { SearchedTool } from '../../../src/catalog/search/tool-text.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { openPipeWire } from '../../zoo/pipe-wire.ts';
import type { OutFrame, Program, Wire } from '../../zoo/wire.ts';

const require = createRequire(import.meta.url);

/** The reference servers that are installed with the tests. */
const SERVERS = ['everything', 'filesystem', 'memory'] as const;

const LIST_MS = 60_000;

/** The tools of the reference servers, as they list them. */
export async function installedTools(): Promise<readonly SearchedTool[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-tools-'));
  const env = { PATH: process.env.PATH ?? '', MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  const lists = SERVERS.map((server) => {
    const args = [programOf(server), ...(server === 'filesystem' ? [folder] : [])];
    return toolsOf(server, { command: process.execPath, args, env, cwd: folder });
  });
  return (await Promise.all(lists)).flat();
}

/** The tools of a server, as it lists them. Rejects where that takes a minute. */
export async function toolsOf(server: string, program: Program): Promise<readonly SearchedTool[]> {
  const client = new Client({ name: 'tools', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(groupTransport(program), { timeout: LIST_MS });
  try {
    const { tools } = await client.listTools(undefined, { timeout: LIST_MS });
    return tools.map((tool) => ({ name: `${server}__${tool.name}`, server, item: ObjectText.from({ ...tool }) }));
  } finally {
    await client.close();
  }
}

/** A program over its pipes, which ends with all that it has started. */
function groupTransport(program: Program): Transport {
  let wire: Wire | undefined;
  const transport: Transport = {
    start: async () => {
      wire = await openPipeWire(program, {
        frame: (text) => transport.onmessage?.(JSON.parse(text)),
        lost: (reason) => transport.onerror?.(new Error(reason)),
      });
    },
    send: async (frame) => wire?.send(frame as OutFrame),
    close: async () => {
      await wire?.[Symbol.asyncDispose]();
      transport.onclose?.();
    },
  };
  return transport;
}

function programOf(server: (typeof SERVERS)[number]): string {
  const manifest = require.resolve(`@modelcontextprotocol/server-${server}/package.json`);
  const { bin } = require(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0] ?? '');
}
