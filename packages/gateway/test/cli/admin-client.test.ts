import { chmodSync, chownSync, mkdtempSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { AdminClient, NotRunning } from '../../src/cli/admin-client.ts';
import { CommandFailure } from '../../src/cli/exit-code.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A client of something that answers so at an admin socket. */
async function clientOf(listener: RequestListener): Promise<AdminClient> {
  const socket = join(mkdtempSync(join(tmpdir(), 'lockgate-')), 'admin');
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return AdminClient.find({ socket }, { workingFolder: '/', environment: {} } as unknown as Terminal);
}

const WAYS: [string, (client: AdminClient) => Promise<unknown>][] = [
  ['asked', (client) => client.ask('GET', 'overview')],
  ['listened to', (client) => client.stream('events', undefined)],
];

test.each(WAYS)('a gateway that ends before it answers is one that runs no longer, where it is %s', async (_, use) => {
  const client = await clientOf((request) => request.socket.destroy());
  await expect(use(client)).rejects.toBeInstanceOf(NotRunning);
});

test('so is one that ends in the middle of its answer', async () => {
  const client = await clientOf((request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{', () => request.socket.destroy());
  });
  await expect(client.ask('GET', 'overview')).rejects.toBeInstanceOf(NotRunning);
});

test.each(WAYS)('a refusal is told in its own words, where it is %s', async (_, use) => {
  const refusal = { error: { code: 'too_many_streams', message: 'too many streams', remedy: 'Close one.' } };
  const client = await clientOf((_request, response) => void response.writeHead(429).end(JSON.stringify(refusal)));
  const error = await use(client).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandFailure);
  expect(error).not.toBeInstanceOf(NotRunning);
  expect((error as Error).message).toBe('too many streams. Close one.');
});

const IS_ROOT = process.geteuid?.() === 0;
if (!IS_ROOT) console.warn('skipped: sockets of another user: only root can make one');

test.skipIf(!IS_ROOT)('a socket that another user has put where all may is told nothing', async () => {
  const heard: string[] = [];
  const client = await clientOf((request, response) => {
    heard.push(request.url ?? '');
    response.end('{}');
  });
  const folder = dirname(client.path);
  const nobody = 65_534;
  chownSync(client.path, nobody, nobody);
  chmodSync(folder, 0o777);
  await expect(client.ask('POST', 'sign-in-link')).rejects.toThrow('it belongs to another user, in a folder that');
  expect(heard).toEqual([]);
  // As a service that runs as a user of its own has it: root may ask.
  chownSync(folder, nobody, nobody);
  chmodSync(folder, 0o755);
  expect(await client.ask('GET', 'overview')).toEqual({});
});
