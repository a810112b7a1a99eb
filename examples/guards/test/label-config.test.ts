import { beforeAll, describe, expect, test } from 'vitest';
import { type OpenGuard, openGuard } from './open-guard.ts';

const calls = [
  { tool: 'get_secret', operation: 'read', secrecy: ['top'], integrity: ['vetted'] },
  { tool: 'get_*', args: { owner: 'acme*' }, operation: 'read', secrecy: ['private:{owner}/{repo}'] },
  {
    tool: 'list_*_issues',
    operation: 'read',
    items: {
      path: '/issues',
      rules: [
        { match: { private: true }, secrecy: ['private:{/owner/login}'] },
        { match: { author: '*' }, integrity: ['known:{author}'] },
      ],
    },
  },
  { tool: 'send' },
];
const denied = expect.objectContaining({ code: expect.stringMatching(/^ABI_(GUARD_CODE|CALL_REFUSED)$/) });
const json = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

let guard: OpenGuard;
beforeAll(async () => {
  guard = await openGuard('label-config');
  guard.labelAgent({ 'allow-only': { rules: { calls } } });
});

describe('calls', () => {
  test('the first rule that matches gives the labels', () => {
    expect(guard.labelResource('get_secret', { owner: 'acme' })).toEqual({
      resource: { description: 'get_secret', secrecy: ['top'], integrity: ['vetted'] },
      operation: 'read',
    });
  });

  test('a tag is filled in from the arguments', () => {
    const { resource } = guard.labelResource('get_file', { owner: 'acme-labs', repo: 'app' });
    expect(resource.secrecy).toEqual(['private:acme-labs/app']);
  });

  test('an argument that is not there, or is no text, fills in no tag', () => {
    expect(() => guard.labelResource('get_file', { owner: 'acme' })).toThrow(denied);
    expect(() => guard.labelResource('get_file', { owner: 'acme', repo: ['app'] })).toThrow(denied);
  });

  test('a rule without an operation reads and writes', () => {
    expect(guard.labelResource('send', {}).operation).toBe('read-write');
  });

  test.each([
    ['an argument that does not match', 'get_file', { owner: 'other' }],
    ['an argument that is missing', 'get_file', {}],
    ['a tool that no rule names', 'delete_everything', {}],
    ['a name that only begins like a rule', 'list_open_issues_now', {}],
  ])('%s cannot be labelled', (_, tool, args) => {
    expect(() => guard.labelResource(tool, args)).toThrow(denied);
  });
});

describe('a rule with a public one behind it', () => {
  const labelled = async (rule: object, args: unknown): Promise<readonly string[]> => {
    const fresh = await openGuard('label-config');
    const secret = { tool: 'get', operation: 'read', secrecy: ['secret'], ...rule };
    fresh.labelAgent({ 'allow-only': { rules: { calls: [secret, { tool: 'get', operation: 'read' }] } } });
    return fresh.labelResource('get', args).resource.secrecy;
  };
  const owner = { args: { owner: 'acme*' } };
  const nested = { args: { '/by/owner': 'acme' } };

  test.each<[string, object, unknown, readonly string[]]>([
    ['a text that matches', owner, { owner: 'acme-labs' }, ['secret']],
    ['another text', owner, { owner: 'other' }, []],
    ['no such argument', owner, {}, []],
    ['a number', { args: { page: 1 } }, { page: 1 }, ['secret']],
    ['another number', { args: { page: 1 } }, { page: 2 }, []],
    ['true', { args: { all: true } }, { all: true }, ['secret']],
    ['false', { args: { all: true } }, { all: false }, []],
    ['a text inside', nested, { by: { owner: 'acme' } }, ['secret']],
    ['a way that is not there', nested, { with: {} }, []],
    ['an element of a list', { args: { '/names/0': 'acme' } }, { names: ['acme'] }, ['secret']],
    ['case and spaces where the rule overlooks them', { ...owner, spelling: 'loose' }, { owner: ' ACME' }, ['secret']],
    ['case where the rule looks at it', { ...owner, spelling: 'exact' }, { owner: 'ACME' }, []],
    ['one argument that does not match', { args: { owner: 'a', repo: 'b' } }, { owner: ['a'], repo: 'c' }, []],
  ])('fits %s', async (_, rule, args, secrecy) => {
    expect(await labelled(rule, args)).toEqual(secrecy);
  });

  test.each<[string, object, unknown]>([
    ['a list with the text', owner, { owner: ['acme'] }],
    ['an object', owner, { owner: { a: 1 } }],
    ['null', owner, { owner: null }],
    ['a number for a text', { args: { id: '7' } }, { id: 7 }],
    ['a text for a number', { args: { id: 7 } }, { id: '7' }],
    ['a text for true', { args: { all: true } }, { all: 'true' }],
    ['upper case', owner, { owner: 'ACME' }],
    ['a space in front', owner, { owner: ' acme' }],
    ['a character that shows nothing', owner, { owner: '\u200Bacme' }],
    ['wide letters', owner, { owner: '\uFF21cme' }],
    ['a name in upper case', owner, { Owner: 'acme' }],
    ['a name with a space', owner, { 'owner ': 'acme' }],
    ['a text on the way', nested, { by: 'owner' }],
    ['null on the way', nested, { by: null }],
    ['a list on the way', nested, { by: ['owner'] }],
    ['a list of arguments', owner, ['acme']],
    ['case where the rule says nothing of an item in a list', { args: { '/names/0': 'acme' } }, { names: ['Acme'] }],
  ])('cannot be labelled with %s', async (_, rule, args) => {
    await expect(labelled(rule, args)).rejects.toThrow(denied);
  });
});

describe('answers', () => {
  const issues = { total: 3, issues: [{ private: true, owner: { login: 'acme' } }, { author: 'ann' }, { id: 3 }] };

  test('items are labelled by the first rule that matches them; others are left to the resource’s labels', () => {
    expect(guard.labelResponse('list_open_issues', {}, json(issues))).toEqual({
      kind: 'paths',
      itemsPath: '/issues',
      labeledPaths: [
        { path: '/issues/0', labels: { secrecy: ['private:acme'], integrity: [] } },
        { path: '/issues/1', labels: { secrecy: [], integrity: ['known:ann'] } },
      ],
    });
  });

  test('structured content counts before text', () => {
    const both = { ...json('not this'), structuredContent: issues };
    expect(guard.labelResponse('list_open_issues', {}, both)).toMatchObject({ itemsPath: '/issues' });
  });

  test('an answer without the list cannot be labelled, save an error or where the rule names no list', () => {
    const other = json({ message: 'none' });
    expect(() => guard.labelResponse('list_open_issues', {}, other)).toThrow(denied);
    const inWords = { content: [{ type: 'text', text: 'not found' }], isError: true };
    expect(guard.labelResponse('list_open_issues', {}, inWords)).toEqual({ kind: 'none' });
    expect(guard.labelResponse('send', {}, json(issues))).toEqual({ kind: 'none' });
  });

  test.each([true, 'true'])('an answer with the list is labelled alike where it says isError: %j', (isError) => {
    const plain = guard.labelResponse('list_open_issues', {}, json(issues));
    expect(guard.labelResponse('list_open_issues', {}, { ...json(issues), isError })).toEqual(plain);
  });

  const words = { type: 'text', text: 'two' };
  test.each([
    ['another form', json({ other: [{ private: true }] })],
    ['prose around it', { content: [{ type: 'text', text: 'Failed: {"private":true}' }] }],
    ['a resource', { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'x' } }] }],
    ['_meta', { content: [words], _meta: { private: true } }],
    ['two texts', { content: [words, words] }],
    ['structured content', { content: [words], structuredContent: { private: true } }],
  ])(
    'an error with data in %s has the labels of every rule, and is denied where a tag stands for data',
    async (_, it) => {
      const failed = { ...it, isError: true };
      expect(() => guard.labelResponse('list_open_issues', {}, failed)).toThrow(denied);
      const fresh = await openGuard('label-config');
      const rules = [
        { match: { a: 1 }, secrecy: ['x'], integrity: ['i'] },
        { match: { b: 1 }, secrecy: ['y'] },
      ];
      const items = { path: '/list', rules };
      const calls = [{ tool: 'get', operation: 'read', secrecy: ['own'], integrity: ['i'], items }];
      fresh.labelAgent({ 'allow-only': { rules: { calls } } });
      const labels = { secrecy: ['own', 'x', 'y'], integrity: [] };
      expect(fresh.labelResponse('get', {}, failed)).toMatchObject({ labeledPaths: [{ path: '', labels }] });
    },
  );

  test.each([
    ['of another kind than a rule’s', { private: 'true', owner: { login: 'acme' } }],
    ['whose tag cannot be filled in', { private: true, owner: {} }],
  ])('with an item %s cannot be labelled', (_, item) => {
    expect(() => guard.labelResponse('list_open_issues', {}, json({ issues: [item] }))).toThrow(denied);
  });

  test('several lists are labelled each by its rules', async () => {
    const fresh = await openGuard('label-config');
    const list = (path: string, key: string) => ({ path, rules: [{ match: { [key]: 'acme' }, secrecy: ['secret'] }] });
    const calls = [{ tool: 'graph', operation: 'read', items: [list('/nodes', 'name'), list('/edges', 'from')] }];
    fresh.labelAgent({ 'allow-only': { rules: { calls } } });
    const secret = { secrecy: ['secret'], integrity: [] };
    const graph = { nodes: [{ name: 'open' }, { name: 'acme' }], edges: [{ from: 'acme' }] };
    expect(fresh.labelResponse('graph', {}, json(graph))).toEqual({
      kind: 'paths',
      labeledPaths: [
        { path: '/nodes/1', labels: secret },
        { path: '/edges/0', labels: secret },
      ],
    });
    expect(() => fresh.labelResponse('graph', {}, json({ nodes: [] }))).toThrow(denied);
  });
});

test.each([
  ['an unknown key of a rule', { calls: [{ tool: 'a', secrets: [] }] }, /unknown key "secrets" in "rules.calls\[0\]"/],
  ['a rule without a tool', { calls: [{ operation: 'read' }] }, /"rules.calls\[0\].tool" must be a pattern/],
  ['rules that are no list', { calls: {} }, /"rules.calls" must be an array/],
  ['a rule that is no object', { calls: ['a'] }, /"rules.calls\[0\]" must be an object/],
  ['an operation that is none', { calls: [{ tool: 'a', operation: 'READ' }] }, /calls\[0\].operation" must be "read"/],
  [
    'tags without a list',
    { calls: [{ tool: 'a', secrecy: 'private' }] },
    /calls\[0\].secrecy" must be an array of tags/,
  ],
  ['arguments that are a text', { calls: [{ tool: 'a', args: 'x' }] }, /calls\[0\].args" must be an object/],
  [
    'a pattern that is a list',
    { calls: [{ tool: 'a', args: { b: ['x'] } }] },
    /args.b" must be a text with or without/,
  ],
  ['a spelling that is none', { calls: [{ tool: 'a', spelling: 'any' }] }, /spelling" must be "exact" or "loose"/],
  ['an unknown key of a list', { calls: [{ tool: 'a', items: { path: '', rule: [] } }] }, /unknown key "rule"/],
  ['a list without a place', { calls: [{ tool: 'a', items: { rules: [] } }] }, /items.path" must be a JSON Pointer/],
  [
    'an unknown key of an item’s rule',
    { calls: [{ tool: 'a', items: { path: '', rules: [{ matches: {} }] } }] },
    /unknown key "matches" in "rules.calls\[0\].items.rules\[0\]"/,
  ],
  ['labels of the agent that are none', { calls: [], agent: { secret: [] } }, /unknown key "secret" in "rules.agent"/],
  ['a mode that is none', { calls: [], mode: 'lenient' }, /"rules.mode" must be/],
])('%s is rejected', async (_, rules, reason) => {
  const fresh = await openGuard('label-config');
  expect(() => fresh.labelAgent({ 'allow-only': { rules } })).toThrow(reason);
});
