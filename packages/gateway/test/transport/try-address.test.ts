import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { tryAddress } from '../../src/transport/try-address.ts';

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listenOn(host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host);
  open.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const port = await listenOn('127.0.0.1');
  const server = open.pop();
  server?.close();
  await (server && once(server, 'close'));
  return port;
}

const refusal = (host: string, port: number, reason: string) => ({
  code: 'GATEWAY_LISTEN',
  facts: { host, port, reason },
});

test('a free one can be listened on at once afterwards, however often it was tried', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', 'localhost']) {
    const port = await freePort();
    for (let times = 0; times < 3; times++) await tryAddress(host, port);
    expect(await listenOn(host, port)).toBe(port);
  }
  await tryAddress('127.0.0.1', 0);
});

test.each(['127.0.0.1', '0.0.0.0', 'localhost'])('%s is taken where somebody listens at the port', async (host) => {
  const port = await listenOn('127.0.0.1');
  await expect(tryAddress(host, port)).rejects.toMatchObject(refusal(host, port, 'EADDRINUSE'));
});

test('localhost is taken where either loopback is', async ({ skip }) => {
  const port = await listenOn('::1').catch(() => skip('this machine has no ::1'));
  await expect(tryAddress('localhost', port as number)).rejects.toMatchObject(
    refusal('localhost', port as number, 'EADDRINUSE'),
  );
});

test('one that the machine has not is named', async () => {
  await expect(tryAddress('192.0.2.1', 3_000)).rejects.toMatchObject(refusal('192.0.2.1', 3_000, 'EADDRNOTAVAIL'));
});

test('whoever connects meanwhile is refused, and not taken and cut', async () => {
  const port = await freePort();
  const visit = `require('net').connect(${port}, '127.0.0.1', () => { console.log('taken'); process.exit(); }).on('error', (error) => console.log(error.code))`;
  const visited = (): string => spawnSync(process.execPath, ['-e', visit], { encoding: 'utf8' }).stdout.trim();
  let isTried = false;
  const tried = tryAddress('127.0.0.1', port).finally(() => {
    isTried = true;
  });
  const seen: string[] = [];
  // Another process connects between any two steps of it.
  while (!isTried) {
    seen.push(visited());
    await new Promise((resolve) => process.nextTick(resolve));
    seen.push(visited());
    await new Promise(setImmediate);
  }
  await tried;
  expect(new Set(seen)).toEqual(new Set(['ECONNREFUSED']));
});
