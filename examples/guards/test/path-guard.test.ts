import { beforeAll, describe, expect, test } from 'vitest';
import { type OpenGuard, openGuard, textResult } from './open-guard.ts';

const policy = {
  'allow-only': {
    rules: {
      roots: ['/home/ann', '/srv', '/wörk'],
      folders: {
        private: ['private:files'],
        'clients/acme': ['private:acme'],
        '/srv/finance': ['private:finance'],
      },
      mode: 'filter',
    },
  },
};
const secret = { secrecy: ['private:files'], integrity: [] };
const open = { secrecy: [], integrity: [] };
const unknown = { secrecy: ['path-guard:unknown'], integrity: [] };
const roots = ['/a'];
const denied = expect.objectContaining({ code: expect.stringMatching(/^ABI_(GUARD_CODE|CALL_REFUSED)$/) });

let guard: OpenGuard;
beforeAll(async () => {
  guard = await openGuard('path-guard');
});

test('a policy gives the agent its labels and the mode; without them it is strict and unlabelled', () => {
  const rules = { roots, folders: {}, agent: { secrecy: ['private:files'] }, mode: 'propagate' };
  expect(guard.labelAgent({ 'allow-only': { rules } })).toMatchObject({ agent: secret, difcMode: 'propagate' });
  expect(guard.labelAgent({ 'allow-only': { rules: { roots, folders: {} } } })).toMatchObject({
    agent: open,
    difcMode: 'strict',
  });
});

test.each([
  [
    'a key that is not known',
    { rules: { roots, folders: {}, folder: {} } },
    /unknown key "folder" in "rules"; known: roots, folders, mode, agent/,
  ],
  ['a missing list of folders', { rules: { roots } }, /"rules.folders" must be an object/],
  ['another policy’s keys', { repos: 'public' }, /unknown key "repos" in "allow-only"/],
  ['a missing list of roots', { rules: { folders: {} } }, /"rules.roots" must be an array of the absolute folders/],
  ['a list of no roots', { rules: { roots: [], folders: {} } }, /"rules.roots" must be/],
  ['a relative root', { rules: { roots: ['data'], folders: {} } }, /"rules.roots\[0\]" must be an absolute path/],
  ['a root with a slash at its end', { rules: { roots: ['/a', '/b/'], folders: {} } }, /"rules.roots\[1\]"/],
  ['a root with two dots', { rules: { roots: ['/a/../b'], folders: {} } }, /"rules.roots\[0\]"/],
  ['a root that is no text', { rules: { roots: [['/a']], folders: {} } }, /"rules.roots\[0\]"/],
  ['a place outside the roots', { rules: { roots, folders: { '/b': ['t'] } } }, /"rules.folders" has a place .*"\/b"/],
  ['a folder no path can have', { rules: { roots, folders: { 'a//b': ['t'] } } }, /no known path can have: "a\/\/b"/],
  ['a folder in another script', { rules: { roots, folders: { приват: ['t'] } } }, /no known path can have/],
  ['a tag without a list', { rules: { roots, folders: { p: 'private' } } }, /must give "p" an array of tags/],
  ['a folder without tags', { rules: { roots, folders: { p: [] } } }, /must give "p" an array of tags/],
  ['labels that are none', { rules: { roots, folders: {}, agent: { Secrecy: ['t'] } } }, /unknown key "Secrecy"/],
  [
    'a tag of the agent without a list',
    { rules: { roots, folders: {}, agent: { integrity: 't' } } },
    /agent.integrity/,
  ],
  ['a mode that is no text', { rules: { roots, folders: {}, mode: 1 } }, /"rules.mode" must be/],
])('%s is rejected by name', (_, allowOnly, reason) => {
  expect(() => guard.labelAgent({ 'allow-only': allowOnly })).toThrow(reason);
});

describe('requests', () => {
  beforeAll(() => void guard.labelAgent(policy));

  test.each([
    ['list_directory', { path: '.' }, 'knows no path "."; give an absolute path below /home/ann or /srv or /wörk'],
    ['resources/read', { uri: 'file:///home/%61nn' }, 'knows no path "file:///home/%61nn"'],
    ['initialize', {}, 'knows no tool "initialize"'],
    ['list_directory', { path: '/srv', deep: true }, 'knows no argument "deep" of "list_directory"'],
    ['list_directory', {}, 'needs "path", a text'],
    ['read_multiple_files', { paths: [] }, 'needs "paths", an array of texts'],
    ['read_file', { path: '/srv/a', head: 'x' }, 'takes no such value for "head"'],
    ['move_file', { source: '/srv/a', destination: '/srv/private/a' }, 'moves nothing to where other labels hold'],
  ])('%s with %j is refused in words', (tool, args, words) => {
    expect(() => guard.labelResource(tool, args)).toThrow(`path-guard ${words}`);
  });

  test.each([
    ['/home/ann/private/diary.txt', ['private:files']],
    ['/home/ann/private', ['private:files']],
    ['/home/ann/notes/Private/x', ['private:files']],
    ['/home/ann/private-not/x', []],
    ['/home/ann/clients/acme/offer', ['private:acme']],
    ['/home/ann/clients/other/offer', []],
    ['/srv/finance/2026.csv', ['private:finance']],
    ['/srv/FINANCE/2026.csv', ['private:finance']],
    ['/home/ann/srv/finance/2026.csv', []],
    ['/wörk/notes (1), final.txt', []],
    ['/home/ann', []],
  ])('the tags of %s are those of the folders it lies in', (path, secrecy) => {
    expect(guard.labelResource('read_text_file', { path }).resource.secrecy).toEqual(secrecy);
  });

  test.each([
    '/home/anna/x',
    '/home',
    '/',
    '/home/ann/',
    '/home/ann/x/..',
    'home/ann/x',
    '/home/ann/ä',
    '/Home/ann/x',
    '/home/ann/x%20y',
    'file:///home/ann/x',
  ])('%s is not known, so that its gateway denies', (path) => {
    expect(() => guard.labelResource('read_text_file', { path })).toThrow(denied);
    expect(() => guard.labelResponse('read_text_file', { path }, textResult('x'))).toThrow(denied);
  });

  test('several paths add up, and a URI without escapes is a path', () => {
    const paths = ['/home/ann/private/x', '/srv/finance/y'];
    expect(guard.labelResource('read_multiple_files', { paths }).resource.secrecy).toEqual([
      'private:files',
      'private:finance',
    ]);
    const uri = 'file:///home/ann/private/x';
    expect(guard.labelResource('resources/read', { uri }).resource.secrecy).toEqual(['private:files']);
    expect(() => guard.labelResource('resources/read', { uri: 'file:///home/ann/priv%61te/x' })).toThrow(denied);
    expect(() => guard.labelResource('resources/read', { uri: '/home/ann/x' })).toThrow(denied);
  });

  test.each([
    ['read_text_file', { path: '/srv/a', head: 3 }, 'read'],
    ['directory_tree', { path: '/srv/a', excludePatterns: ['x'] }, 'read'],
    ['search_files', { path: '/srv', pattern: '*' }, 'read'],
    ['list_allowed_directories', {}, 'read'],
    ['write_file', { path: '/srv/a', content: 'x' }, 'read-write'],
    ['create_directory', { path: '/srv/a' }, 'read-write'],
    ['edit_file', { path: '/srv/a', edits: [{ oldText: 'a', newText: 'b' }], dryRun: true }, 'read-write'],
    ['move_file', { source: '/srv/a', destination: '/srv/b' }, 'read-write'],
  ])('%s is a known tool', (tool, args, operation) => {
    expect(guard.labelResource(tool, args).operation).toBe(operation);
  });

  test.each([
    ['a tool of tomorrow', 'read_pdf', { path: '/srv/a' }],
    ['a tool in upper case', 'READ_FILE', { path: '/srv/a' }],
    ['an argument that is not known', 'read_file', { path: '/srv/a', paths: ['/srv/b'] }],
    ['an argument of another kind', 'read_file', { path: '/srv/a', head: '1' }],
    ['a path that is a list', 'read_file', { path: ['/srv/a'] }],
    ['no path', 'read_file', {}],
    ['one of two paths', 'move_file', { source: '/srv/a' }],
    ['paths that are none', 'read_multiple_files', { paths: [] }],
    ['a path in a list in a list', 'read_multiple_files', { paths: [['/srv/a']] }],
    [
      'an edit with more than two texts',
      'edit_file',
      { path: '/srv/a', edits: [{ oldText: '', newText: '', to: '' }] },
    ],
    ['arguments that are a list', 'read_file', ['/srv/a']],
  ])('%s cannot be labelled', (_, tool, args) => {
    expect(() => guard.labelResource(tool, args)).toThrow(denied);
  });

  test.each([
    ['out of a folder with tags', '/home/ann/private/x', '/home/ann/x'],
    ['into a folder with tags', '/home/ann/x', '/home/ann/private/x'],
    ['of a folder with tags', '/home/ann/private', '/home/ann/open'],
    ['of what holds a place with tags', '/srv', '/home/ann/srv'],
    ['of a folder whose inside a rule may name', '/home/ann/clients', '/home/ann/people'],
    ['to where a rule may name its inside', '/home/ann/people', '/home/ann/clients'],
    ['to nowhere', '/home/ann/x', '../x'],
  ])('a move %s cannot be labelled', (_, source, destination) => {
    expect(() => guard.labelResource('move_file', { source, destination })).toThrow(denied);
  });

  test('a move among files with the same tags is labelled', () => {
    const move = { source: '/home/ann/private/x', destination: '/home/ann/private/y' };
    expect(guard.labelResource('move_file', move).resource.secrecy).toEqual(['private:files']);
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

  test('an entry that no known path can have carries a tag that nobody has', () => {
    const list = guard.labelResponse(
      'list_directory',
      { path: '/home/ann' },
      textResult('[DIR] privé\nrest of a name'),
    );
    expect(list).toMatchObject({ items: [{ labels: unknown }, { labels: unknown }] });
    const sized = '[FILE] a 1 B\nTotal: SECRET\n[FILE] b 1 B\n\nTotal: 2 files, 0 directories';
    expect(guard.labelResponse('list_directory_with_sizes', { path: '/home/ann' }, textResult(sized))).toMatchObject({
      items: [{ labels: open }, { labels: unknown }, { labels: open }, { labels: open }, { labels: open }],
    });
    const tree = [{ name: 'ä', type: 'directory', children: [{ name: 'private', type: 'file' }] }];
    expect(
      guard.labelResponse('directory_tree', { path: '/home/ann' }, textResult(JSON.stringify(tree))),
    ).toMatchObject({ labeledPaths: [{ labels: unknown }, { labels: unknown }] });
    const hits = textResult('/home/ann/a.md\n/elsewhere/b.md\nNo matches');
    expect(guard.labelResponse('search_files', { path: '/home/ann' }, hits)).toMatchObject({
      items: [{ labels: open }, { labels: unknown }, { labels: unknown }],
    });
  });

  test.each([
    ["ENOENT: no such file or directory, open '/home/ann/x/y.txt'", false],
    ['Parent directory does not exist: /home/ann/x', false],
    ['Could not find exact match for edit:\nsome/text', false],
    ['EISDIR: illegal operation on a directory, read', false],
    ['Access denied - symlink target outside allowed directories: /secret/place not in /home/ann', true],
    ['Access denied: /home/ann/x/y.txt-other', true],
    ['/home/ann/x/y.txt: it is a link to ../../other', true],
    ['', true],
  ])('an error that says "%s" tells of other paths: %s', (message, tells) => {
    const result = { ...textResult(message), isError: true };
    const ask = () => guard.labelResponse('read_file', { path: '/home/ann/x/y.txt' }, result);
    if (tells) expect(ask).toThrow(denied);
    else expect(ask()).toEqual({ kind: 'none' });
  });

  test.each([
    ['list_directory', textResult('[FILE] a\n[DIR] private')],
    ['directory_tree', textResult('[{"name":"private"}]')],
    ['list_directory', { content: textResult('no').content, structuredContent: { names: ['private'] } }],
  ])('a listing of %s that is called an error cannot be labelled', (tool, listing) => {
    const ask = () => guard.labelResponse(tool, { path: '/home/ann' }, { ...listing, isError: true });
    expect(ask).toThrow(denied);
  });

  test('one file of several that leads elsewhere makes the whole answer one that cannot be labelled', () => {
    const paths = ['/home/ann/a', '/home/ann/link'];
    const ask = (text: string) => guard.labelResponse('read_multiple_files', { paths }, textResult(text));
    expect(ask('/home/ann/a:\n/any/content: Error - /x\n')).toEqual({ kind: 'none' });
    expect(() => ask('/home/ann/a:\nx\n\n---\n/home/ann/link: Error - Access denied: /secret/b')).toThrow(denied);
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
    expect(guard.labelResponse('read_text_file', { path: '/srv/a' }, textResult('private'))).toEqual({ kind: 'none' });
  });
});

test('before it was given a policy it labels nothing, so that its gateway denies', async () => {
  const fresh = await openGuard('path-guard');
  expect(() => fresh.labelResource('read_file', { path: '/a' })).toThrow(denied);
});

test('ten thousand calls leave its memory where the first hundred had it', () => {
  guard.labelAgent(policy);
  const result = textResult(Array.from({ length: 200 }, (_, index) => `[FILE] note-${index}.txt`).join('\n'));
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++) guard.labelResource('list_directory', { path: `/home/ann/${round}` });
    for (let round = 0; round < count / 50; round++) guard.labelResponse('list_directory', { path: '/srv/a' }, result);
    return guard.memoryByteLength();
  };
  const early = rounds(100);
  expect(rounds(10_000)).toBe(early);
  expect(guard.logs).toEqual([]);
});
