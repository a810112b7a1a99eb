import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';

test('a request with two Host headers is refused, whichever of them is right', async () => {
  await using gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' } });
  const { port } = new URL((await gateway.listen()).url);
  const ask = (hosts: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET /health/live HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);
    return text(socket);
  };
  expect(await ask('Host: localhost\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  for (const hosts of ['Host: localhost\r\nHost: evil.test\r\n', 'Host: localhost\r\nhost: localhost\r\n']) {
    expect(await ask(hosts)).toMatch(/^HTTP\/1\.1 400 [\s\S]*more than one Host header/);
  }
});
