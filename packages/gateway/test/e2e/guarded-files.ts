import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { LockgateFile } from '../../src/config/schema.ts';
import type { Gateway, GatewayOptions } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';

const require = createRequire(import.meta.url);
const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));

/** The example guards, as the build makes them. */
export const guardFile = (name: string): string => join(examples, 'guards/dist', `${name}.wasm`);

/** A program of an npm package, to be started with Node. */
export function programOf(name: string): string {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0] ?? '');
}

/** A folder with an open and a private part. */
export function someFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-files-'));
  mkdirSync(join(folder, 'private'));
  writeFileSync(join(folder, 'notes.txt'), 'open notes');
  writeFileSync(join(folder, 'private', 'diary.txt'), 'DIARY');
  return folder;
}

/** The configuration of a file server behind the path guard, beside a memory server as the public place. */
export function guardedFiles(folder: string, rules: object = {}, more: Partial<LockgateFile> = {}): LockgateFile {
  const filesystem = programOf('@modelcontextprotocol/server-filesystem');
  return {
    gateway: { listen: '127.0.0.1:0' },
    guards: { paths: { path: guardFile('path-guard') } },
    mcpServers: {
      files: {
        command: process.execPath,
        args: [filesystem, folder],
        guard: 'paths',
        'guard-policies': {
          'allow-only': { rules: { roots: [folder], folders: { private: ['private:files'] }, ...rules } },
        },
      },
      public: {
        command: process.execPath,
        args: [programOf('@modelcontextprotocol/server-memory')],
        env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
      },
    },
    ...more,
  };
}

/** Puts modules into a folder of their own and gives their paths. */
export function moduleFiles<K extends string>(modules: Readonly<Record<K, Uint8Array>>): Record<K, string> {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-modules-'));
  const paths = Object.entries<Uint8Array>(modules).map(([name, bytes]) => {
    const path = join(folder, `${name}.wasm`);
    writeFileSync(path, bytes);
    return [name, path];
  });
  return Object.fromEntries(paths);
}

/** A gateway that listens, and what it takes to talk to it; disposing ends everything. */
export async function servedGateway(config: LockgateFile, options: GatewayOptions = {}) {
  await using opening = new AsyncDisposableStack();
  const gateway: Gateway = opening.use(await createGateway(config, options));
  await gateway.started();
  const { url } = await gateway.listen();
  const owned = opening.move();
  return {
    gateway,
    url,
    async connect(): Promise<Client> {
      const client = new Client({ name: 'test', version: '1.0.0' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      owned.defer(() => client.close());
      return client;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The text of a tool's answer, with a mark where it is an error. */
export async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const { content, isError } = (await client.callTool({ name, arguments: args })) as {
    content: { type: string; text: string }[];
    isError?: boolean;
  };
  const text = content.map((block) => block.text).join('\n');
  return isError ? `ERROR ${text}` : text;
}
