import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guardGuest, idle, missingExportGuest, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Loader } from '../../src/index.ts';
import { Inbox } from '../inbox.ts';
import { openStage } from '../stage.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [A, B, C] = ['A', 'B', 'C'].map((version) => versionGuest(version)) as [Uint8Array, Uint8Array, Uint8Array];
const FAULTY = missingExportGuest({ missing: 'tools' });
const SETTLE = { settleMs: 5 };

describe('a watched file', () => {
  test('is loaded again when it changes, and a faulty one is rejected until a good one comes', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const path = join(folder.path, 'guest.wasm');
    await writeFile(path, A);
    const handle = await stage.loader.load(path, { ...SETTLE, name: 'guest', watch: true });
    const told = tell(stage.loader);

    await writeFile(path, B);
    expect(await told.next()).toBe('reloaded guest B watch');
    expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
    await writeFile(path, FAULTY);
    expect(await told.next()).toBe('rejected guest missing export');
    expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
    await writeFile(path, C);
    expect(await told.next()).toBe('reloaded guest C watch');
  });

  test.skipIf(process.platform === 'win32')(
    'that cannot be read any more is told of, until what is live is there again',
    async () => {
      await using folder = await temporaryFolder();
      await using stage = await openStage();
      const path = join(folder.path, 'guest.wasm');
      await writeFile(path, A);
      const handle = await stage.loader.load(path, { ...SETTLE, name: 'guest', watch: true });
      const told = tell(stage.loader);
      const lastError = () => stage.loader.list().find(({ name }) => name === 'guest')?.lastError;
      const places = [
        [() => execFileSync('mkfifo', [path]), 'it is a pipe or a device, not a file'],
        [() => mkdir(path), 'it is a folder'],
      ] as const;
      for (const [take, words] of places) {
        await unlink(path);
        await take();
        expect(await told.next()).toBe('rejected guest source unreadable');
        expect(lastError()?.cause).toMatchObject({ message: expect.stringContaining(words) });
        expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'A:x' });
        await rm(path, { recursive: true });
        await writeFile(path, A);
        while (lastError() !== null) await idle(1);
      }
    },
  );

  test('that was replaced while it was being loaded is seen', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const path = join(folder.path, 'guest.wasm');
    await writeFile(path, A);
    const told = tell(stage.loader);
    await stage.loader.load(path, { ...SETTLE, watch: true, probe: () => writeFile(path, B).then(() => undefined) });

    expect(await told.next()).toBe('loaded versioned A');
    expect(await told.next()).toBe('reloaded versioned B watch');
  });

  test('with the bytes that are live already is no change, whatever was told of it before', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const path = join(folder.path, 'guest.wasm');
    await writeFile(path, A);
    for (const name of ['guest', 'witness']) await stage.loader.load(path, { ...SETTLE, name, watch: true });
    const lines = tell(stage.loader);
    const both = async (version: string): Promise<void> => {
      const told = [await lines.next(), await lines.next()];
      expect(told.toSorted()).toEqual([`reloaded guest ${version} watch`, `reloaded witness ${version} watch`]);
    };
    await writeFile(path, B);
    await both('B');
    await stage.loader.rollback('guest');
    expect(await lines.next()).toBe('reloaded guest A rollback');
    await writeFile(path, A); // news for the witness alone
    expect(await lines.next()).toBe('reloaded witness A watch');
    await writeFile(path, C);
    await both('C');
  });

  test('that was rolled back stays so until its file changes', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const path = join(folder.path, 'guest.wasm');
    await writeFile(path, A);
    await stage.loader.load(path, { ...SETTLE, name: 'guest', watch: true });
    const told = tell(stage.loader);
    await writeFile(path, B);
    expect(await told.next()).toBe('reloaded guest B watch');
    await stage.loader.rollback('guest');
    expect(await told.next()).toBe('reloaded guest A rollback');
    await writeFile(path, B); // a touch, no change
    await writeFile(path, C);

    expect(await told.next()).toBe('reloaded guest C watch');
  });

  test('is watched at its new place after a reload from there', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const [first, second] = [join(folder.path, 'first.wasm'), join(folder.path, 'second.wasm')];
    await writeFile(first, A);
    await writeFile(second, B);
    await stage.loader.load(first, { ...SETTLE, name: 'guest', watch: true });
    await stage.loader.reload('guest', second);
    const told = tell(stage.loader);
    await writeFile(first, FAULTY);
    await writeFile(second, C);

    expect(await told.next()).toBe('reloaded guest C watch');
  });

  test('whose digest was given is loaded only with that digest', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const path = join(folder.path, 'guest.wasm');
    await writeFile(path, A);
    const sha256 = createHash('sha256').update(A).digest('hex');
    await stage.loader.load(path, { ...SETTLE, name: 'guest', watch: true, sha256 });
    const told = tell(stage.loader);
    await writeFile(path, B);

    expect(await told.next()).toBe('rejected guest wrong digest');
  });

  test('is left alone after its module was unloaded', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const paths = [join(folder.path, 'one.wasm'), join(folder.path, 'two.wasm')] as const;
    for (const path of paths) {
      await writeFile(path, A);
      await stage.loader.load(path, { ...SETTLE, name: path, watch: true });
    }
    await stage.loader.unload(paths[0]);
    const told = tell(stage.loader);
    await writeFile(paths[0], B);
    await writeFile(paths[1], B);

    expect(await told.next()).toBe(`reloaded ${paths[1]} B watch`);
    expect(told.waiting).toEqual([]);
  });
});

describe('a watched folder', () => {
  test('has loaded what is there when it resolves, and follows what appears, changes and goes', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    await writeFile(join(folder.path, 'one.wasm'), A);
    await writeFile(join(folder.path, 'bad.wasm'), FAULTY);
    const told = tell(stage.loader);
    await stage.loader.watchFolder(folder.path, SETTLE);
    expect(stage.loader.list().map(({ name }) => name)).toEqual(['one']);
    expect([await told.next(), await told.next()].toSorted()).toEqual(['loaded one A', 'rejected bad missing export']);

    await writeFile(join(folder.path, 'two.wasm'), B);
    expect(await told.next()).toBe('loaded two B');
    await writeFile(join(folder.path, 'bad.wasm'), C); // it has become good
    expect(await told.next()).toBe('loaded bad C');
    await copyFile(join(folder.path, 'two.wasm'), join(folder.path, 'one.wasm'));
    expect(await told.next()).toBe('reloaded one B watch');
    await unlink(join(folder.path, 'two.wasm'));
    expect(await told.next()).toBe('unloaded two');
    expect(() => stage.loader.get('two')).toThrow();
  });

  test('takes a whole config map over in one go', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    const lay = async (round: number, bytes: Uint8Array): Promise<void> => {
      await mkdir(join(folder.path, `..${round}`));
      for (const name of ['one', 'two']) await writeFile(join(folder.path, `..${round}`, `${name}.wasm`), bytes);
      await symlink(`..${round}`, join(folder.path, '..data_tmp'));
      await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'));
    };
    await lay(0, A);
    for (const name of ['one', 'two']) await symlink(`..data/${name}.wasm`, join(folder.path, `${name}.wasm`));
    await stage.loader.watchFolder(folder.path, SETTLE);
    const told = tell(stage.loader);
    await lay(1, B);

    expect([await told.next(), await told.next()].toSorted()).toEqual(['reloaded one B watch', 'reloaded two B watch']);
  });

  test('may hold guards, and files that are left alone', async () => {
    await using folder = await temporaryFolder();
    await using stage = await openStage();
    await writeFile(join(folder.path, 'paths.wasm'), guardGuest());
    await writeFile(join(folder.path, 'other.wasm'), A);
    await stage.loader.watchFolder(folder.path, {
      ...SETTLE,
      describe: ({ name }) =>
        name === 'paths' ? { kind: 'guard', name: 'guard of paths', callBackend: async () => new Uint8Array() } : null,
    });

    expect(stage.loader.list()).toMatchObject([{ name: 'guard of paths', kind: 'guard' }]);
  });

  test('that is watched no longer leaves what it loaded as it is', async () => {
    await using folder = await temporaryFolder();
    await using other = await temporaryFolder();
    await using stage = await openStage();
    await writeFile(join(folder.path, 'one.wasm'), A);
    const watch = await stage.loader.watchFolder(folder.path, SETTLE);
    await stage.loader.watchFolder(other.path, SETTLE);
    watch.close();
    const told = tell(stage.loader);
    await unlink(join(folder.path, 'one.wasm'));
    await writeFile(join(other.path, 'two.wasm'), A);

    expect(await told.next()).toBe('loaded two A');
    expect(stage.loader.list().map(({ name }) => name)).toEqual(['one', 'two']);
  });
});

/** All that a loader tells of versions, as lines. */
function tell(loader: Loader): Inbox<string> {
  const told = new Inbox<string>();
  loader.on('loaded', ({ name, version }) => told.put(`loaded ${name} ${version}`));
  loader.on('reloaded', ({ name, version, cause }) => told.put(`reloaded ${name} ${version} ${cause}`));
  loader.on('rejected', ({ name, error }) => told.put(`rejected ${name} ${error.facts.reason}`));
  loader.on('unloaded', ({ name }) => told.put(`unloaded ${name}`));
  return told;
}
