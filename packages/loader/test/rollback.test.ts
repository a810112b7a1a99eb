import { versionGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';
import { openStage } from './stage.ts';

const [A, B, C] = ['A', 'B', 'C'].map((version) => versionGuest(version)) as [Uint8Array, Uint8Array, Uint8Array];

test('a rollback goes back one version at a time, as far as versions are kept', async () => {
  await using stage = await openStage();
  const handle = await stage.loader.load(A, { name: 'guest', keep: 2 });
  await stage.loader.reload('guest', B);
  await stage.loader.reload('guest', C);
  expect(stage.loader.list()).toMatchObject([{ kept: 2 }]);

  expect(await stage.loader.rollback('guest')).toMatchObject({ version: 'B', generation: 4 });
  expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
  expect(await stage.loader.rollback('guest')).toMatchObject({ version: 'A', generation: 5 });
  await expect(stage.loader.rollback('guest')).rejects.toMatchObject({
    code: 'LOADER_NO_ROLLBACK',
    facts: { keep: 2 },
  });
  expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'A:x' });
});

test('one earlier version is kept unless another number is given', async () => {
  await using stage = await openStage();
  await stage.loader.load(A, { name: 'guest' });
  await stage.loader.reload('guest', B);
  await stage.loader.reload('guest', C);
  expect(stage.loader.list()).toMatchObject([{ kept: 1 }]);
  await stage.loader.rollback('guest');
  await expect(stage.loader.rollback('guest')).rejects.toMatchObject({ code: 'LOADER_NO_ROLLBACK' });

  await stage.loader.load(A, { name: 'forgetful', keep: 0 });
  await stage.loader.reload('forgetful', B);
  await expect(stage.loader.rollback('forgetful')).rejects.toMatchObject({ code: 'LOADER_NO_ROLLBACK' });
});

test('a reload after a rollback reads the source again', async () => {
  await using stage = await openStage();
  await stage.loader.load(A, { name: 'guest' });
  await stage.loader.reload('guest', B);
  await stage.loader.rollback('guest');

  expect(await stage.loader.reload('guest')).toMatchObject({ version: 'B' });
});

test('a restart with the same bytes is nothing to go back to', async () => {
  await using stage = await openStage();
  await stage.loader.load(A, { name: 'guest' });
  expect(await stage.loader.reload('guest')).toMatchObject({ generation: 2 });

  await expect(stage.loader.rollback('guest')).rejects.toMatchObject({ code: 'LOADER_NO_ROLLBACK' });
});

test('a version that would not start again stays kept, and the live one stays live', async () => {
  await using stage = await openStage();
  let refused = false;
  const handle = await stage.loader.load(A, {
    name: 'guest',
    async probe(plugin) {
      if (refused && (await plugin.metadata())?.version === 'A') throw new Error('not now');
    },
  });
  const rejected = new Inbox<string>();
  stage.loader.on('rejected', ({ cause }) => rejected.put(cause));
  await stage.loader.reload('guest', B);
  refused = true;
  await expect(stage.loader.rollback('guest')).rejects.toMatchObject({ facts: { reason: 'probe failed' } });
  expect(await rejected.next()).toBe('rollback');
  expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
  refused = false;

  expect(await stage.loader.rollback('guest')).toMatchObject({ version: 'A' });
});
