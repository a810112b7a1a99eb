import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';

const MAX_PER_CALLER = 64;

/** A server of the legacy era in little memory. A call that is to wait does so until somebody writes to the pipe. */
const SERVER = `
answer() { printf '{"jsonrpc":"2.0","id":%s,%s}\\n' "$id" "$1"; }
while IFS= read -r line; do
  id=\${line#*'"id":'}; id=\${id%%,*}
  case "$line" in
    *'"notifications/'*) ;;
    *'"initialize"'*) answer '"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}' ;;
    *'"tools/list"'*) answer '"result":{"tools":[{"name":"t","inputSchema":{"type":"object"}}]}' ;;
    *'"tools/call"'*)
      case "$line" in *'"wait":true'*) read -r _ < "$0" ;; esac
      answer '"result":{"content":[{"type":"text","text":"fine"}]}' ;;
    *) answer '"error":{"code":-32601,"message":"Method not found"}' ;;
  esac
done`;

test('the longest silent session of a caller gives way where its sessions have all the connections of their own that there may be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-crowded-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { command: 'sh', args: ['-c', SERVER, pipe] } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const call = { name: 't', arguments: {} };
  const isFine = { status: 200, body: { result: { content: [{ text: 'fine' }] } } };
  const open = () => rawSession(`${url}/one`, { sampling: {} });

  const waiting = await open();
  const waits = waiting('tools/call', { ...call, arguments: { wait: true } });
  const silent = await Promise.all(Array.from({ length: MAX_PER_CALLER - 1 }, open));
  for (const session of silent) expect(await session('tools/call', call)).toMatchObject(isFine);
  const [first, second] = silent;

  // Two at once: each takes the place of another, and neither that of the one that works.
  const newcomers = [await open(), await open()];
  expect(await Promise.all(newcomers.map((session) => session('tools/call', call)))).toMatchObject([isFine, isFine]);
  expect(gateway.status().sessions).toBe(MAX_PER_CALLER);
  expect([await first?.('tools/call', call), await second?.('tools/call', call)]).toMatchObject([
    { status: 404 },
    { status: 404 },
  ]);
  await writeFile(pipe, 'go on\n');
  expect(await waits).toMatchObject(isFine);
});
