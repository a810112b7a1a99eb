import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, guardedFiles, servedGateway, someFiles } from './guarded-files.ts';

const gateway = { listen: '127.0.0.1:0', discovery: 'search' } as const;

test('labels move with executed calls as with direct ones, and searching moves none', async () => {
  const folder = someFiles();
  await using served = await servedGateway(guardedFiles(folder, { mode: 'propagate' }, { gateway }));
  const client = await served.connect();
  const execute = (tool: string, args: object): Promise<string> => call(client, 'execute', { tool, arguments: args });
  const note = { entities: [{ name: 'n', entityType: 't', observations: ['o'] }] };
  expect(await call(client, 'search', { query: 'read a private file' })).toContain('files__read_text_file');
  expect(await execute('public__create_entities', note)).not.toMatch(/^ERROR/);
  expect(await execute('files__read_text_file', { path: join(folder, 'private/diary.txt') })).toBe('DIARY');
  expect(await execute('public__create_entities', note)).toMatch(/^ERROR Denied: .*private:files/);
  expect(await call(client, 'public__create_entities', note)).toMatch(/^ERROR Denied: .*private:files/);
  expect(await call(client, 'search', { query: 'write a file' })).toContain('files__write_file');
});

test('an executed read that is not allowed is withheld, and one that is allowed is filtered', async () => {
  const folder = someFiles();
  await using served = await servedGateway(guardedFiles(folder, { mode: 'filter' }, { gateway }));
  const client = await served.connect();
  const execute = (tool: string, args: object): Promise<string> => call(client, 'execute', { tool, arguments: args });
  const diary = await execute('files__read_text_file', { path: join(folder, 'private/diary.txt') });
  expect(diary).toMatch(/^ERROR Denied: .*lacks secrecy: private:files/);
  const listing = await execute('files__list_directory', { path: folder });
  expect(listing).toContain('[Filtered] 1 of');
});
