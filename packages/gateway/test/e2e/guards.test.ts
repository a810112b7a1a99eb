import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, guardedFiles, servedGateway, someFiles } from './guarded-files.ts';

describe('files behind the path guard, through HTTP', () => {
  test('in filter mode a listing has no private entries and says that some were withheld', async () => {
    const folder = someFiles();
    await using served = await servedGateway(guardedFiles(folder, { mode: 'filter' }));
    const client = await served.connect();
    const listing = await call(client, 'files__list_directory', { path: folder });
    expect(listing).toContain('[FILE] notes.txt');
    expect(listing).not.toContain('[DIR] private');
    expect(listing).toContain('[Filtered] 1 of');
    const tree = await call(client, 'files__directory_tree', { path: folder });
    expect(tree).not.toMatch(/private|diary/);
  });

  test('a private file is not given, in strict as in filter mode', async () => {
    for (const mode of ['strict', 'filter']) {
      const folder = someFiles();
      await using served = await servedGateway(guardedFiles(folder, { mode }));
      const client = await served.connect();
      const answer = await call(client, 'files__read_text_file', { path: join(folder, 'private/diary.txt') });
      expect(answer).toMatch(/^ERROR Denied: .*lacks secrecy: private:files/);
      expect(answer).not.toContain('DIARY');
      expect(await call(client, 'files__read_text_file', { path: join(folder, 'notes.txt') })).toBe('open notes');
    }
  });

  test('in propagate mode whoever has read a private file can no longer write to a public place', async () => {
    const folder = someFiles();
    await using served = await servedGateway(guardedFiles(folder, { mode: 'propagate' }));
    const client = await served.connect();
    const note = { entities: [{ name: 'n', entityType: 't', observations: ['o'] }] };
    expect(await call(client, 'public__create_entities', note)).not.toMatch(/^ERROR/);
    expect(await call(client, 'files__read_text_file', { path: join(folder, 'private/diary.txt') })).toBe('DIARY');
    expect(await call(client, 'public__create_entities', note)).toMatch(/^ERROR Denied: .*private:files/);
    const elsewhere = { path: join(folder, 'copy.txt'), content: 'DIARY' };
    expect(await call(client, 'files__write_file', elsewhere)).toMatch(/^ERROR Denied: .*private:files/);
    const another = await served.connect();
    expect(await call(another, 'public__create_entities', note)).not.toMatch(/^ERROR/);
  });
});
