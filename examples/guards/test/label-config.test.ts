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
        { match: { private: 'true' }, secrecy: ['private:{/owner/login}'] },
        { match: { author: '*' }, integrity: ['known:{author}'] },
      ],
    },
  },
  { tool: 'send' },
];
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

  test('an argument that is not there leaves a tag that nobody has', () => {
    expect(guard.labelResource('get_file', { owner: 'acme' }).resource.secrecy).toEqual(['private:acme/']);
  });

  test('a rule without an operation is a write', () => {
    expect(guard.labelResource('send', {}).operation).toBe('write');
  });

  test.each([
    ['an argument that does not match', 'get_file', { owner: 'other' }],
    ['an argument that is missing', 'get_file', {}],
    ['a tool that no rule names', 'delete_everything', {}],
    ['a name that only begins like a rule', 'list_open_issues_now', {}],
  ])('%s cannot be labelled', (_, tool, args) => {
    expect(() => guard.labelResource(tool, args)).toThrow(expect.objectContaining({ code: 'ABI_GUARD_CODE' }));
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

  test('an answer without the list has no finer labels', () => {
    expect(guard.labelResponse('list_open_issues', {}, json({ message: 'none' }))).toEqual({ kind: 'none' });
    expect(guard.labelResponse('send', {}, json(issues))).toEqual({ kind: 'none' });
  });
});

test.each([
  ['an unknown key of a rule', { calls: [{ tool: 'a', secrets: [] }] }, /unknown key "secrets" in "rules.calls\[0\]"/],
  ['a rule without a tool', { calls: [{ operation: 'read' }] }, /"rules.calls\[0\].tool" must be a pattern/],
  ['rules that are no list', { calls: {} }, /"rules.calls" must be an array/],
])('%s is rejected', async (_, rules, reason) => {
  const fresh = await openGuard('label-config');
  expect(() => fresh.labelAgent({ 'allow-only': { rules } })).toThrow(reason);
});
