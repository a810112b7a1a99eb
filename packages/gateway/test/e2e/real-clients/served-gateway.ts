import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Gateway } from '../../../src/gateway.ts';
import { serveEverything } from '../../conformance/fixtures/everything-server.ts';
import { LOCKGATE } from '../../fixtures/lockgate-program.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { serveHttp } from '../../fixtures/serve-http.ts';
import { manyItemsServer } from './many-items.ts';

const everything = dirname(
  createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json'),
);

/** How a client starts a program that speaks over its pipes. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where a client reaches the gateway, by each transport that it may speak. */
export interface Addresses {
  readonly http: string;
  readonly sse: string;
  readonly stdio: Program;
}

export interface ServedGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly addresses: Addresses;
  /** The same without `many`: some clients ask for the whole list of tools before each call. */
  readonly few: Addresses;
  /** An empty folder for what clients keep. */
  readonly folder: string;
}

/**
 * A gateway with three servers under one roof: `fixture`, that of the conformance suite, over HTTP and of the era asked for;
 * `everything` from npm over a pipe; and `many`, of which the lists have more than one page.
 */
export async function openServedGateway(
  fixtureEra: 'legacy' | 'modern',
  more: Readonly<Record<string, object>> = {},
): Promise<ServedGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-clients-'));
  const fixture = await serveEverything({ only2025: fixtureEra === 'legacy' });
  const many = await serveHttp(manyItemsServer);
  const config = {
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: {
      fixture: { url: fixture.url },
      everything: { command: process.execPath, args: [join(everything, 'dist/index.js')] },
      many: { url: many.url },
      ...more,
    },
    profiles: { few: { servers: ['fixture', 'everything'] } },
  };
  await writeFile(join(folder, 'lockgate.json'), JSON.stringify(config));
  const gateway = await createGateway(config as never, { startWindowMs: 30_000 });
  await gateway.started();
  const { url } = await gateway.listen();
  const stdio = {
    command: process.execPath,
    args: [...LOCKGATE, 'serve', '--stdio', '--config', join(folder, 'lockgate.json')],
    env: { PATH: process.env.PATH ?? '', HOME: folder, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' },
  };
  return {
    gateway,
    folder,
    addresses: { http: url, sse: url.replace(/mcp$/, 'sse'), stdio },
    few: {
      http: `${url}/@few`,
      sse: url.replace(/mcp$/, 'sse/@few'),
      stdio: { ...stdio, args: [...stdio.args, '--profile', 'few'] },
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await Promise.all([fixture.close(), many.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
