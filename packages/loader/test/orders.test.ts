import { createRuntime } from '@lockgate/runtime';
import { interleave, type Steps, versionGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { createLoader } from '../src/index.ts';
import { REACH } from './stage.ts';

const A = versionGuest('A', { http: true });
const B = versionGuest('B', { http: true });
const CLOSED = { data: 'wasm: module closed', isError: true };
const PERMITTED = ['LOADER_UNKNOWN_NAME', 'LOADER_CLOSED', 'RUNTIME_MODULE_CLOSED', 'LOADER_NO_ROLLBACK'];

test('reload, rollback, configure, unload, close and calls end well in whatever order they meet', async () => {
  await interleave(scenario, { runs: 150 });
});

async function scenario(steps: Steps): Promise<void> {
  await using runtime = await createRuntime({
    isolation: 'inline',
    async fetch() {
      await steps.step('backend answers');
      return new Response('ok');
    },
  });
  const loader = createLoader({ runtime });
  let opened = 0;
  let drained = 0;
  let live = 'A:';
  let ending = false;
  loader.on('loaded', () => {
    opened += 1;
  });
  loader.on('reloaded', ({ version }) => {
    opened += 1;
    live = `${version}:`;
  });
  loader.on('drained', () => {
    drained += 1;
  });
  const handle = await loader.load(A, {
    ...REACH,
    name: 'guest',
    settings: { key: 'first' },
    probe: () => steps.step('version examined'),
  });

  const caller = async (name: string, tool: string): Promise<void> => {
    for (let call = 0; call < 3; call += 1) {
      const message = `${name}${call}`;
      await steps.step(`call ${message}`);
      const seen = new Set([live]);
      const off = loader.on('reloaded', ({ version }) => seen.add(`${version}:`));
      const answer = await handle.execute(tool, { message });
      off();
      if (answer.isError && ending) expect(answer).toEqual(CLOSED);
      else expect([...seen].map((version) => version + message)).toContain(answer.data);
    }
  };
  const change = async (name: string, make: () => Promise<unknown>): Promise<void> => {
    await steps.step(name);
    await make().catch((error: { code?: string }) => expect(PERMITTED).toContain(error.code));
  };
  const end = (how: () => Promise<void>) => (): Promise<void> => {
    ending = true;
    return how();
  };
  await Promise.all([
    caller('held', 'fetch-then-echo'),
    caller('quick', 'echo'),
    change('reload B', () => loader.reload('guest', B)),
    change('reload A', () => loader.reload('guest', A)),
    change('rollback', () => loader.rollback('guest')),
    change('configure', () => loader.configure('guest', { key: 'second' })),
    change(
      'unload',
      end(() => loader.unload('guest')),
    ),
    change(
      'close',
      end(() => loader.close()),
    ),
  ]);
  await loader.close();

  expect(loader.list()).toEqual([]);
  expect(drained).toBe(opened); // every version that was ever live is closed, once
  expect(await handle.execute('echo', { message: 'x' })).toEqual(CLOSED);
  expect(await handle.stats()).toMatchObject({ state: 'closed', instances: 0 });
}
