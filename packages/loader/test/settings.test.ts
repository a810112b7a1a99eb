import { refusingGuest, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Loader } from '../src/index.ts';
import { isolations, openStage, REACH } from './stage.ts';

const A = versionGuest('A', { http: true });
const B = versionGuest('B', { http: true });

describe.each(isolations)('settings (%s)', (isolation) => {
  test('given at loading, or rotated later, are those of every later version', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, { name: 'guest', settings: { key: 'first' } });
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"first"}' });
    await stage.loader.reload('guest', B);
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"first"}' });

    await stage.loader.configure('guest', { key: 'second' });
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"second"}' });
    await stage.loader.reload('guest', A);
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"second"}' });
    await stage.loader.rollback('guest');
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"second"}' });
  });

  test('rotated while a swap is under way are not lost', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, { name: 'guest', settings: { key: 'first' } });
    await Promise.all([stage.loader.reload('guest', B), handle.configure({ key: 'second' })]);

    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"second"}' });
    expect(await handle.metadata()).toMatchObject({ version: 'B' });
  });

  test('reach every instance', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, {
      ...REACH,
      name: 'guest',
      settings: { key: 'first' },
      instances: { min: 2, max: 2 },
    });
    await handle.configure({ key: 'second' });
    const gate = stage.backend.gate('held');
    const held = handle.execute('fetch-then-echo', { message: 'held' }); // one instance is busy: the other answers
    await gate.reached;
    expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"second"}' });
    gate.open();
    await held;
  });
});

test('a rotation that the guest refuses leaves the settings before in force', async () => {
  await using stage = await openStage();
  const handle = await stage.loader.load(A, { name: 'guest', settings: { key: 'first' } });
  await expect(stage.loader.reload('guest', refusingGuest())).rejects.toMatchObject({
    facts: { reason: 'settings refused' },
  });
  expect(await handle.execute('settings', {})).toMatchObject({ data: 'settings:{"key":"first"}' });

  await using strict = await openStage();
  const refusing = await strict.loader.load(refusingGuest({ reason: 'the key is wrong' }), { name: 'guest' });
  await expect(refusing.configure({ key: 'second' })).rejects.toMatchObject({ code: 'RUNTIME_CONFIGURE_REJECTED' });
  await expect(strict.loader.reload('guest', A)).resolves.toBeDefined();
  expect(await refusing.execute('settings', {})).toMatchObject({ data: 'settings:' });
});

test('settings are neither logged nor told, whatever happens to them', async () => {
  const said: unknown[] = [];
  const say = (fields: object, message: string): void => {
    said.push(fields, message);
  };
  await using stage = await openStage({ logger: { debug: say, info: say, warn: say, error: say } });
  for (const event of ['loaded', 'reloaded', 'rejected', 'unloaded', 'drained'] as const) {
    stage.loader.on(event, (told) => said.push(told));
  }
  await stage.loader.load(A, { name: 'guest', settings: { key: 'hunter2' } });
  await stage.loader.reload('guest', B);
  const quoting = refusingGuest({ reason: 'the key hunter2 is wrong' });
  await stage.loader.reload('guest', quoting).catch((error: unknown) => said.push(error));
  await stage.loader.configure('guest', { key: 'hunter2b' });
  said.push(stage.loader.list());
  await stage.loader.unload('guest');

  expect(said.length).toBeGreaterThan(8);
  const everything = said.map(printed).join('\n');
  expect(everything).toContain('the key *** is wrong');
  expect(everything).not.toContain('hunter2');
});

/** Everything that a logger may find in a value: causes and facts of errors too. */
function printed(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Error ? { ...part, message: part.message, stack: part.stack, cause: part.cause } : part,
  );
}

describe('settings that a plugin does not name', () => {
  const named = versionGuest('A', { credentialKeys: ['api_key', 'region'] });

  async function warningsOf(act: (loader: Loader) => Promise<void>): Promise<[object, string][]> {
    const said: [object, string][] = [];
    const quiet = (): void => {};
    const warn = (fields: object, message: string): void => void said.push([fields, message]);
    await using stage = await openStage({ logger: { debug: quiet, info: quiet, warn, error: quiet } });
    await act(stage.loader);
    return said;
  }

  test('are said, once each, with the names it gives; never their values', async () => {
    const said = await warningsOf(async (loader) => {
      await loader.load(named, { name: 'guest', settings: { apikey: 'secret value', region: 'eu' } });
      await loader.reload('guest', versionGuest('B', { credentialKeys: ['api_key', 'region'] }));
      await loader.configure('guest', { apikey: 'secret value', regoin: 'eu' });
    });
    expect(said.map(([fields]) => fields)).toEqual([
      { module: 'guest', settings: ['apikey'], named: ['api_key', 'region'] },
      { module: 'guest', settings: ['regoin'], named: ['api_key', 'region'] },
    ]);
    expect(JSON.stringify(said)).not.toContain('secret value');
  });

  test('are nothing to say where it names none, or all of them', async () => {
    const said = await warningsOf(async (loader) => {
      await loader.load(named, { name: 'all', settings: { api_key: 'x', region: 'eu' } });
      await loader.load(versionGuest('A'), { name: 'none', settings: { whatever: 'x' } });
    });
    expect(said).toEqual([]);
  });
});
