import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway, type Gateway } from '@lockgate/gateway';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Figure, FigureSkipped } from '../figure.ts';
import { temporaryFolder } from '../subjects/server-process.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/servers/go/', import.meta.url));

/** Builds the example for this machine, or for WASI. @throws FigureSkipped without Go */
function build(file: string, environment: Readonly<Record<string, string>>): string {
  const env = { ...process.env, CGO_ENABLED: '0', ...environment };
  const { error, status, stderr } = spawnSync('go', ['build', '-ldflags=-s', '-o', file, '.'], {
    cwd: EXAMPLE,
    env,
    encoding: 'utf8',
  });
  if (error) throw new FigureSkipped('there is no Go here');
  if (status !== 0) throw new Error(stderr);
  return file;
}

async function connect(gateway: Gateway): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL((await gateway.listen()).url)));
  return client;
}

/** Microseconds for each of so many calls, one after the other. */
async function perCall(client: Client, name: string, calls: number): Promise<number> {
  const started = performance.now();
  for (let call = 0; call < calls; call++) await client.callTool({ name, arguments: { name: 'note' } });
  return ((performance.now() - started) * 1_000) / calls;
}

const figure: Figure = {
  name: 'gateway-whole-server, a call of a server in a thread, against the same program over stdio',
  unit: 'µs/call',
  setup: async ({ quick }) => {
    await using opening = new AsyncDisposableStack();
    const folder = opening.use(await temporaryFolder());
    const notes = join(folder.path, 'notes');
    await mkdir(notes);
    await writeFile(join(notes, 'note'), 'buy milk');
    const command = build(join(folder.path, 'native'), {});
    const wasm = build(join(folder.path, 'notes.wasm'), { GOOS: 'wasip1', GOARCH: 'wasm' });
    const mcpServers = {
      native: { command, args: [notes] },
      guest: { wasm, args: [notes], storage: [`fs://${notes}:ro`] },
    };
    const gateway = opening.use(
      await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers }, { startWindowMs: 60_000 }),
    );
    await gateway.started();
    const client = await connect(gateway);
    opening.defer(() => client.close());
    const calls = quick ? 200 : 1_000;
    for (const name of ['native', 'guest']) await perCall(client, `${name}__read_note`, calls);
    const owned = opening.move();
    return {
      baseline: () => perCall(client, 'native__read_note', calls),
      subject: () => perCall(client, 'guest__read_note', calls),
      note: 'a server in plain Go that reads a file of eight bytes for each call, through one gateway; client and gateway share a process',
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

export default [figure] as const satisfies readonly Figure[];
