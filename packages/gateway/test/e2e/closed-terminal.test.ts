import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const program = new URL('../fixtures/family-program.ts', import.meta.url).pathname;
const mcpServers = { a: { command: process.execPath, args: [program] } };

/** As in `lockgate serve 2>&1 | head -1`. */
describe('a gateway whose log nobody reads any more', () => {
  test('serves on over HTTP, and ends in order', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { gateway: { listen: '127.0.0.1:0', logLevel: 'debug' }, mcpServers },
    });
    const url = await lockgate.url();
    lockgate.child.stderr.destroy();
    lockgate.child.stdout.destroy();
    await using client = await connect(url);
    // Each of these is told in the log: that the program exits, is started again, and comes up.
    const pid = async () => textOf(await client.callTool({ name: 'a__pids', arguments: {} }));
    const first = await pid();
    await client.callTool({ name: 'a__exit', arguments: {} });
    await expect.poll(pid).toMatch(/^\[/);
    expect(await pid()).not.toBe(first);
    expect(await lockgate.stop()).toBe(0);
  });

  test('serves on over stdio, and ends with its stdin', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { gateway: { logLevel: 'debug' }, mcpServers },
      args: ['--stdio', '--server', 'a'],
    });
    const { stdin, stdout, stderr } = lockgate.child;
    await once(stderr, 'data');
    stderr.destroy();
    const send = (message: object) => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const answered = async (id: number): Promise<void> => {
      while (!lockgate.stdout.includes(`"id":${id}`)) await once(stdout, 'data');
    };
    const clientInfo = { name: 'c', version: '1' };
    send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
    await answered(1);
    send({ method: 'notifications/initialized' });
    for (const [id, name] of [
      [2, 'exit'],
      [3, 'pids'],
    ] as const) {
      send({ id, method: 'tools/call', params: { name, arguments: {} } });
      await answered(id);
    }
    stdin.end();
    expect(await lockgate.exited).toBe(0);
  });
});
