import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';

async function listening() {
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' } });
  const { host, port } = new URL((await gateway.listen()).url);
  const ask = (line: string, head = '', body = ''): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`${line} HTTP/1.1\r\nHost: ${host}\r\n${head}connection: close\r\n\r\n${body}`);
    return text(socket);
  };
  return { host, ask, [Symbol.asyncDispose]: () => gateway.close() };
}

test('an address in absolute form, which requests through proxies have, is that of its path where it names the same host', async () => {
  await using gateway = await listening();
  const { host } = gateway;
  expect(await gateway.ask(`GET http://${host}/health/live`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await gateway.ask(`GET HTTP://${host}/health/live?a`)).toMatch(/^HTTP\/1\.1 200 /);
  for (const other of ['evil.test', `evil@${host}`, `${host}.evil.test`]) {
    expect(await gateway.ask(`GET http://${other}/health/live`)).toMatch(/^HTTP\/1\.1 404 /);
  }
});

test('a compressed body is refused as such', async () => {
  await using gateway = await listening();
  const types = 'Content-Type: application/json\r\nContent-Length: 2\r\n';
  const refused = await gateway.ask('POST /mcp', `${types}Content-Encoding: gzip\r\n`, '{}');
  expect(refused).toMatch(/^HTTP\/1\.1 415 [\s\S]*accept-encoding: identity[\s\S]*must not be compressed/);
  expect(await gateway.ask('POST /mcp', `${types}Content-Encoding: identity\r\n`, '{}')).toMatch(/^HTTP\/1\.1 400 /);
});
