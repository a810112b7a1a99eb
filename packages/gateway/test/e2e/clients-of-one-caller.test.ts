import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

/** A server from npm as a program. */
const program = (name: string, ...args: string[]) => {
  const script = createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/dist/index.js`);
  return { command: process.execPath, args: [script, ...args] };
};

let gateway: Gateway;
let folder: string;
let url: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'lockgate-roots-')));
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { files: program('server-filesystem', folder), everything: program('server-everything') },
  } as never);
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

test('the roots of one client are not taken for those of the next', async () => {
  for (const name of ['a', 'b']) {
    await using client = await connect(url, 'modern', {}, { roots: {} });
    const own = await realpath(await mkdtemp(join(folder, `${name}-`)));
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: pathToFileURL(own).href }] }));
    const heard = new Set<string>();
    // This server takes in what it is told in its own time, and until then says what it was started with.
    const listen = async () => {
      const told = await client.callTool({ name: 'files__list_allowed_directories', arguments: {} });
      return [...heard.add(textOf(told).split('\n')[1] ?? '')];
    };
    await expect.poll(listen).toContain(own);
    expect([folder, own]).toEqual(expect.arrayContaining([...heard]));
  }
});

test.each(['modern', 'legacy'] as const)(
  'the first list of a %s client has what is offered to its kind',
  async (era) => {
    await using client = await connect(url, era, {}, { sampling: {} });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('everything__trigger-sampling-request');
  },
);
