import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';

/** Announces a change in the very write that answers its first list, and has a tool named after the count of each. */
const PROGRAM = `
let lists = 0;
const say = (...frames) => process.stdout.write(frames.map((frame) => JSON.stringify({ jsonrpc: '2.0', ...frame }) + '\\n').join(''));
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') {
    const serverInfo = { name: 'early', version: '1' };
    say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true } }, serverInfo } });
  } else if (method === 'tools/list') {
    const answer = { id, result: { tools: [{ name: 'list' + ++lists, inputSchema: { type: 'object' } }] } };
    if (lists === 1) say(answer, { method: 'notifications/tools/list_changed' });
    else say(answer);
  } else say({ id, error: { code: -32601, message: 'Method not found' } });
});`;

test('a change that is announced right after the first list is read', async () => {
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { early: { command: process.execPath, args: ['-e', PROGRAM] } },
  } as never);
  await gateway.started();
  const { url } = await gateway.listen();
  const ask = await rawSession(`${url}/early`);
  await expect.poll(async () => (await ask('tools/list')).body.result).toMatchObject({ tools: [{ name: 'list2' }] });
});
