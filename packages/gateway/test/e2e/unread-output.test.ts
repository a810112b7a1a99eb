import { once } from 'node:events';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { LockgateProcess } from './lockgate-process.ts';

test.each([
  ['at the end of its stdin', (lockgate: LockgateProcess) => lockgate.child.stdin.end()],
  ['at SIGTERM', (lockgate: LockgateProcess) => lockgate.child.kill('SIGTERM')],
])('a gateway over stdio whose answer nobody reads ends %s', async (_when, end) => {
  await using lockgate = await LockgateProcess.start({
    config: { plugins: { echo: { path: './echo.wasm' } } },
    files: { 'echo.wasm': echoGuest() },
    args: ['--stdio', '--server', 'echo'],
  });
  const { stdin, stdout } = lockgate.child;
  const send = (message: object): boolean => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'c', version: '1' };
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  await once(stdout, 'data');
  send({ method: 'notifications/initialized' });
  send({
    id: 2,
    method: 'tools/call',
    params: { name: 'echo', arguments: { message: 'x'.repeat(1_000_000) } },
  });
  await once(stdout, 'data');
  stdout.pause();
  const exited = once(lockgate.child, 'exit');
  end(lockgate);
  expect(await exited).toEqual([0, null]);
  stdout.resume();
});
