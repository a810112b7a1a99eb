import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComponentBuilder, i32, WasmBuilder } from '@lockgate/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { OpenedConsole } from '../console/open-console.ts';
import { QuickClient } from '../fixtures/quick-client.ts';

const VERSION_STEP = 1_000_000;

interface Broken {
  /** A function that no host has is imported. */
  readonly imports?: boolean;
  /** The function that is exported is not there in the core module, which shows when it is linked. */
  readonly lacks?: boolean;
}

/** A component whose tool `mark` answers its number and, in the millions, the version. */
function component(version: number, { imports = false, lacks = false }: Broken = {}): Uint8Array {
  const wasm = new WasmBuilder({ minPages: 2 });
  const code = i32.const(version * VERSION_STEP);
  wasm.function({ params: ['i32'], result: 'i32', export: 'mark' }, (_, number) => [i32.add(number.get, code)]);
  const built = new ComponentBuilder();
  if (imports) built.importInstance('acme:none/none', { none: { params: {} } });
  const instance = built.coreInstance(built.coreModule(wasm.build()));
  const core = built.coreAlias('function', instance, lacks ? 'absent' : 'mark');
  const type = built.functionType({ params: { number: 'u32' }, result: 'u32' });
  built.export('mark', 'func', built.lift(core, type));
  return built.build();
}

test('a component is replaced, refused and rolled back under its callers, and no call is lost or answered wrongly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-component-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'marker.wasm');
  await writeFile(path, component(1));
  const plugins = { marker: { path, watch: false, instances: { max: 2 } } };
  await using console = await OpenedConsole.open({ plugins });
  const browser = await console.signIn();
  const act = async (action: string) => {
    const { status, body } = await browser.ask(`upstreams/marker/${action}`, { method: 'POST' });
    return status === 200 ? status : `${status} ${body.error.code}`;
  };
  let isOver = false;
  let next = 0;
  const seen = new Map<number, number>();
  const call = async (client: QuickClient): Promise<number> => {
    const number = next++ % VERSION_STEP;
    const answer = Number(await client.call('marker__mark', { number }));
    expect(answer % VERSION_STEP).toBe(number);
    const version = Math.floor(answer / VERSION_STEP);
    seen.set(version, (seen.get(version) ?? 0) + 1);
    return version;
  };
  const clients = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      QuickClient.connect(`${console.base}/mcp`, index % 2 === 0 ? 'modern' : 'legacy'),
    ),
  );
  const callers = clients.map(async (client) => {
    while (!isOver) await call(client);
  });
  const version = async (): Promise<number> => {
    const client = await QuickClient.connect(`${console.base}/mcp`, 'modern');
    try {
      return await call(client);
    } finally {
      client.close();
    }
  };
  const build = (bytes: Uint8Array) => writeFile(path, bytes).then(() => act('reload'));
  try {
    expect([await version(), await build(component(2)), await version()]).toEqual([1, 200, 2]);
    const whole = component(3);
    for (const broken of [
      whole.subarray(0, whole.length - 9),
      component(3, { imports: true }),
      component(3, { lacks: true }),
      new Uint8Array(0),
    ]) {
      expect([await build(broken), await version()]).toEqual(['409 LOADER_SWAP_REJECTED', 2]);
    }
    expect([await act('rollback'), await version()]).toEqual([200, 1]);
    expect([await build(component(4)), await version()]).toEqual([200, 4]);
  } finally {
    isOver = true;
    await Promise.all(callers);
    for (const client of clients) client.close();
  }
  expect([...seen.keys()].sort()).toEqual([1, 2, 4]);
});
