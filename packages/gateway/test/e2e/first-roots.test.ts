import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

let gateway: Gateway;
let folder: string;
let url: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'lockgate-first-')));
  const script = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-filesystem/dist/index.js');
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { files: { command: process.execPath, args: [script, folder] } },
  } as never);
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

// The server asks for roots as soon as it is connected: to find out what is offered to clients of this kind it is, for the
// first of them while that client still waits for its handshake; for the others it is when they first call.
test.each([
  ['first', 'files'],
  ['second', 'files'],
  ['third', ''],
])(
  'the first call of the %s client with roots finds the server in the folders of that client',
  async (name, server) => {
    const own = await realpath(await mkdtemp(join(folder, `${name}-`)));
    await using client = await connect(server === '' ? url : `${url}/${server}`, 'legacy', {}, { roots: {} });
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: pathToFileURL(own).href }] }));
    const tool = server === '' ? 'files__list_allowed_directories' : 'list_allowed_directories';
    const told = await client.callTool({ name: tool, arguments: {} });
    expect(textOf(told).split('\n').slice(1)).toEqual([own]);
  },
);
