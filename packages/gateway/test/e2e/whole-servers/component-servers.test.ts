import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentServerGuest } from '@lockgate/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src/gateway.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { connect, textOf } from '../clients.ts';

const canServe = 'Suspending' in WebAssembly;
if (!canServe) console.log(`skipped: whole servers over wasi:http: Node ${process.versions.node} has no JSPI`);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-component-'));
  path = join(folder, 'server.wasm');
});

afterEach(() => rm(folder, { recursive: true }));

async function build(servedAs: 'run' | 'http', version: string): Promise<void> {
  await writeFile(`${path}.new`, componentServerGuest(servedAs, undefined, version));
  await rename(`${path}.new`, path);
}

async function open(
  entry: object = {},
): Promise<AsyncDisposable & { readonly gateway: Gateway; readonly url: string }> {
  const mcpServers = { s: { wasm: path, ...entry } };
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers }, { startWindowMs: 20_000 });
  await gateway.started();
  const { url } = await gateway.listen();
  return { gateway, url, [Symbol.asyncDispose]: () => gateway.close() };
}

type Connected = Awaited<ReturnType<typeof connect>>;
const ask = (client: Connected, tool: string, args = {}): Promise<string> =>
  client.callTool({ name: `s__${tool}`, arguments: args }).then(textOf, (error: Error) => error.message);

describe.each(['run', 'http'] as const)('a component that is a whole server (%s)', (servedAs) => {
  test.skipIf(servedAs === 'http' && !canServe)(
    'is served as any server is, large messages too, and is served anew when it is rebuilt',
    async () => {
      await build(servedAs, '1');
      await using opened = await open({ watch: true });
      await using client = await connect(opened.url);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('s__echo');
      const message = 'grün 🌍 '.repeat(20_000);
      expect(await ask(client, 'say', { message })).toBe(message);
      const many = Array.from({ length: 40 }, (_, number) => `${number}`);
      expect(await Promise.all(many.map((number) => ask(client, 'say', { message: number })))).toEqual(many);
      await build(servedAs, '2');
      const seen = ['echo of 1'];
      while (seen.at(-1) !== 'echo of 2') seen.push(await ask(client, 'echo'));
      expect(new Set(seen)).toEqual(new Set(['echo of 1', 'echo of 2']));
      expect(opened.gateway.status().upstreams).toMatchObject([{ name: 's', state: 'running', restarts: 0 }]);
    },
  );
});

test.skipIf(!canServe).each([
  ['trap', /\(it trapped: unreachable\)/],
  ['exit', /\(it exited with code 1\)/],
  [
    'greedy',
    /\(it trapped: unreachable; it had [\d.]+ MiB of the 8 MiB of memory that it may have: raise "limits.memoryCeilingBytes"/,
  ],
])('a server over wasi:http that does "%s" fails that call alone, with the reason', async (tool, reason) => {
  await build('http', '1');
  await using opened = await open({ limits: { memoryCeilingBytes: 8 * 1_048_576 } });
  await using client = await connect(opened.url);
  const [failed, ...others] = await Promise.all([ask(client, tool), ask(client, 'echo'), ask(client, 'echo')]);
  expect(failed).toMatch(reason);
  expect(others).toEqual(['echo of 1', 'echo of 1']);
  expect(opened.gateway.status().upstreams).toMatchObject([{ state: 'running', restarts: 0 }]);
});
