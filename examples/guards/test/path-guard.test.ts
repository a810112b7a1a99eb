import { beforeAll, describe, expect, test } from 'vitest';
import { type OpenGuard, openGuard, textResult } from './open-guard.ts';

const policy = {
  'allow-only': {
    rules: { folders: { private: ['private:files'], '/srv/finance': ['private:finance'] }, mode: 'filter' },
  },
};
const secret = { secrecy: ['private:files'], integrity: [] };
const open = { secrecy: [], integrity: [] };

let guard: OpenGuard;
beforeAll(async () => {
  guard = await openGuard('path-guard');
});

test('a policy gives the agent its labels and the mode; without them it is strict and unlabelled', () => {
  const rules = { folders: {}, agent: { secrecy: ['private:files'] }, mode: 'propagate' };
  expect(guard.labelAgent({ 'allow-only': { rules } })).toMatchObject({ agent: secret, difcMode: 'propagate' });
  expect(guard.labelAgent({ 'allow-only': { rules: { folders: {} } } })).toMatchObject({
    agent: open,
    difcMode: 'strict',
  });
});

test.each([
  [
    'a key that is not known',
    { rules: { folders: {}, folder: {} } },
    /unknown key "folder" in "rules"; known: folders, mode, agent/,
  ],
  ['a missing list of folders', { rules: {} }, /"rules.folders" must be an object/],
  ['another policy’s keys', { repos: 'public' }, /unknown key "repos" in "allow-only"/],
])('%s is rejected by name', (_, allowOnly, reason) => {
  expect(() => guard.labelAgent({ 'allow-only': allowOnly })).toThrow(reason);
});

describe('requests', () => {
  beforeAll(() => void guard.labelAgent(policy));

  test.each([
    ['/home/ann/private/diary.txt', ['private:files']],
    ['private', ['private:files']],
    ['/home/ann/private-not/x', []],
    ['/home/ann/notes/../private/x', ['private:files']],
    ['/home/ann/private/../notes/x', []],
    ['/srv/finance/2026.csv', ['private:finance']],
    ['/backup/srv/finance/2026.csv', []],
    ['C:\\Users\\ann\\private\\x', ['private:files']],
  ])('the tags of %s are those of the folders it lies in', (path, secrecy) => {
    expect(guard.labelResource('read_text_file', { path }).resource.secrecy).toEqual(secrecy);
  });

  test('several paths add up, and a URI is a path', () => {
    const paths = ['/a/private/x', '/srv/finance/y'];
    expect(guard.labelResource('read_multiple_files', { paths }).resource.secrecy).toEqual([
      'private:files',
      'private:finance',
    ]);
    const uri = 'file:///home/ann/priv%61te/x';
    expect(guard.labelResource('resources/read', { uri }).resource.secrecy).toEqual(['private:files']);
  });

  test.each([
    ['read_text_file', 'read'],
    ['directory_tree', 'read'],
    ['write_file', 'write'],
    ['edit_file', 'read-write'],
    ['move_file', 'read-write'],
    ['a_tool_of_tomorrow', 'write'],
  ])('%s is a %s', (tool, operation) => {
    expect(guard.labelResource(tool, { path: '/a' }).operation).toBe(operation);
  });
});

describe('answers', () => {
  beforeAll(() => void guard.labelAgent(policy));

  test('every line of a listing carries the tags of its entry', () => {
    const result = textResult('[DIR] private\n[FILE] notes.txt');
    expect(guard.labelResponse('list_directory', { path: '/home/ann' }, result)).toEqual({
      kind: 'items',
      items: [
        { data: '[DIR] private', labels: secret },
        { data: '[FILE] notes.txt', labels: open },
      ],
    });
  });

  test('sizes behind names and totals below them do not confuse the entries', () => {
    const text =
      '[FILE] private                         12 B\n[DIR] sub folder                     \n\nTotal: 1 files, 1 directories';
    const answer = guard.labelResponse('list_directory_with_sizes', { path: '/home/ann' }, textResult(text));
    expect(answer).toMatchObject({ items: [{ labels: secret }, { labels: open }, { labels: open }, { labels: open }] });
  });

  test('hits of a search are labelled by their own paths', () => {
    const answer = guard.labelResponse(
      'search_files',
      { path: '/home/ann' },
      textResult('/home/ann/a.md\n/home/ann/private/b.md'),
    );
    expect(answer).toMatchObject({ items: [{ labels: open }, { labels: secret }] });
  });

  test('a tree is labelled entry by entry at every depth', () => {
    const tree = [
      { name: 'notes', type: 'directory', children: [{ name: 'private', type: 'directory', children: [] }] },
    ];
    expect(
      guard.labelResponse('directory_tree', { path: '/home/ann' }, textResult(JSON.stringify(tree, null, 2))),
    ).toEqual({
      kind: 'paths',
      itemsPath: '',
      defaultLabels: open,
      labeledPaths: [
        { path: '/0', labels: open },
        { path: '/0/children/0', labels: secret },
      ],
    });
  });

  test('contents of files have no finer labels than the file', () => {
    expect(guard.labelResponse('read_text_file', { path: '/a' }, textResult('private'))).toEqual({ kind: 'none' });
  });
});

test('before it was given a policy it labels nothing, so that its gateway denies', async () => {
  const fresh = await openGuard('path-guard');
  expect(() => fresh.labelResource('read_file', { path: '/a' })).toThrow(
    expect.objectContaining({ code: 'ABI_GUARD_CODE' }),
  );
});

test('ten thousand calls leave its memory where the first hundred had it', () => {
  guard.labelAgent(policy);
  const result = textResult(Array.from({ length: 200 }, (_, index) => `[FILE] note-${index}.txt`).join('\n'));
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++) guard.labelResource('list_directory', { path: `/home/ann/${round}` });
    for (let round = 0; round < count / 50; round++) guard.labelResponse('list_directory', { path: '/a' }, result);
    return guard.memoryByteLength();
  };
  const early = rounds(100);
  expect(rounds(10_000)).toBe(early);
  expect(guard.logs).toEqual([]);
});
