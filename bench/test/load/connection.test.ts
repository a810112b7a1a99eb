import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Connection } from '../../load/connection.ts';

test('a connection that the server has closed says so, and sends no more', async () => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await Connection.open(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  const request = 'GET / HTTP/1.1\r\nhost: here\r\n\r\n';
  expect((await connection.send(request)).body.toString()).toBe('hello');
  expect(connection.broken).toBe(false);
  server.closeAllConnections();
  while (!connection.broken) await setImmediate();
  await expect(connection.send(request)).rejects.toThrow('the server closed the connection');
  server.close();
});
