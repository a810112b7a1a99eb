import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { LockgateProcess } from './lockgate-process.ts';

test('over stdio serves a profile, and starts nothing that is not in it', async () => {
  const echo = { path: './echo.wasm', isolation: 'inline' };
  const writes = { command: process.execPath, args: ['-e', 'require("fs").writeFileSync("started", "")'] };
  await using lockgate = await LockgateProcess.start({
    config: {
      plugins: { echo, more: echo },
      mcpServers: { other: writes },
      profiles: { some: { servers: ['echo', 'more'], tools: { deny: ['more/*'] } } },
    },
    files: { 'echo.wasm': echoGuest() },
    args: ['--stdio', '--profile', 'some'],
  });
  const { stdin, stdout } = lockgate.child;
  const clientInfo = { name: 'c', version: '1' };
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } })}\n`);
  while (!lockgate.stdout.includes('"id":1')) await once(stdout, 'data');
  stdin.end();
  expect(await lockgate.exited, lockgate.stderr).toBe(0);
  const { result } = JSON.parse(lockgate.stdout.trimEnd());
  const servers = result.tools.map(({ name }: { name: string }) => name.split('__')[0]);
  expect(new Set(servers)).toEqual(new Set(['echo']));
  expect(existsSync(join(lockgate.folder, 'started'))).toBe(false);
});
