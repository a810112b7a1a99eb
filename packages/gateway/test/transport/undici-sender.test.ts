import { execFile } from 'node:child_process';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Agent } from 'undici';
import { expect, test } from 'vitest';
import { loadDispatcher } from '../../src/transport/undici-sender.ts';
import { certificateAuthority } from './certificates.ts';

/** Sends a request in a process of its own, and prints the modules of Node's that this took. */
const PROGRAM = `
const { openHttpClient } = await import(process.argv[1]);
const client = openHttpClient();
await new Promise((resolve, reject) => client.send(new URL(process.argv[2]), { method: 'GET', headers: {} },
  { onHead() {}, onData() {}, onEnd: resolve, onFailure: reject }));
console.log(process.moduleLoadList.join('\\n'));
process.exit();
`;

test('a request over TLS loads neither HTTP/2 nor what reads compressed answers', async () => {
  const identity = certificateAuthority('localhost');
  await using server = createServer(identity, (_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = fileURLToPath(new URL('../../src/transport/http-client.ts', import.meta.url));
  const args = ['--conditions=@lockgate/source', '--input-type=module', '-e', PROGRAM, client, url];
  const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const loaded = stdout.split('\n');
  expect(loaded).toContain('NativeModule net');
  expect(loaded.filter((name) => /^NativeModule (http2|zlib)$/.test(name))).toEqual([]);
  server.closeAllConnections();
});

test('who shares the library in one process may still ask it for HTTP/2', async () => {
  const own = await loadDispatcher();
  const { cert, key } = certificateAuthority('localhost');
  const server = createSecureServer({ cert, key }, (_request, response) => response.end('by HTTP/2'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const Shared = createRequire(import.meta.url)('undici/lib/dispatcher/agent.js') as typeof Agent;
  const agent = new Shared({ allowH2: true, connect: { rejectUnauthorized: false } });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { request } = await import('undici');
  const { body } = await request(url, { dispatcher: agent });
  expect(await body.text()).toBe('by HTTP/2');
  await Promise.all([agent.destroy(), own.destroy()]);
  await new Promise((resolve) => server.close(resolve));
});
