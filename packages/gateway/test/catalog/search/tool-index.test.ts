import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ToolIndex } from '../../../src/catalog/search/tool-index.ts';
import type { SearchedTool } from '../../../src/catalog/search/tool-text.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { writtenTools } from './tool-corpus.ts';

function tool(name: string, description = '', server = 'a'): SearchedTool {
  return { name: `${server}__${name}`, server, item: ObjectText.from({ name, description, inputSchema: {} }) };
}

function indexOf(...tools: readonly SearchedTool[]): ToolIndex {
  const index = new ToolIndex();
  index.update(tools);
  return index;
}

const names = (found: readonly SearchedTool[]): readonly string[] => found.map(({ name }) => name);

test.each([
  ['createIssue', 'a__create_issue'],
  ['issue', 'a__create_issue'],
  ['crea', 'a__create_issue'],
  ['isue', 'a__create_issue'],
  ['open a ticket', 'a__create_issue'],
  ['getweather', 'b__GetWeather'],
  ['forecast', 'b__GetWeather'],
])('%s finds %s', (query, name) => {
  const index = indexOf(tool('create_issue'), tool('GetWeather', '', 'b'), tool('frobnicate'));
  expect(index.find(query)[0]?.name).toBe(name);
});

test('names and descriptions of parameters are found, and the values they allow', () => {
  const inputSchema = {
    type: 'object',
    properties: {
      shade: { enum: ['vermilion'] },
      list: { items: { properties: { gizmo: { description: 'A quux' } } } },
    },
  };
  const painted = { name: 'a__paint', server: 'a', item: ObjectText.from({ name: 'paint', inputSchema }) };
  const index = indexOf(painted, tool('other'));
  for (const query of ['shade', 'vermilion', 'gizmo', 'quux']) expect(names(index.find(query))).toEqual(['a__paint']);
});

test('whoever writes a whole name gets that tool first', () => {
  const index = indexOf(tool('list'), tool('list_issues', 'list list list list'), tool('list', '', 'b'));
  expect(index.find('list_issues')[0]?.name).toBe('a__list_issues');
  expect(names(index.find('b__list'))[0]).toBe('b__list');
});

test('only the tools of one server are found where one is meant', () => {
  const index = indexOf(tool('list_issues'), tool('list_issues', '', 'b'));
  expect(names(index.find('issues', 'b'))).toEqual(['b__list_issues']);
  expect(names(index.find('issues', 'none'))).toEqual([]);
});

test('an update reads what is new or says something else, and nothing else', () => {
  const before = [tool('one', 'alpha'), tool('two', 'beta')];
  const index = indexOf(...before);
  expect(index.update(before)).toBe(0);
  // Read again, as after a server's list has changed.
  expect(index.update([tool('one', 'alpha'), tool('two', 'gamma')])).toBe(1);
  expect(names(index.find('beta'))).toEqual([]);
  expect(names(index.find('gamma'))).toEqual(['a__two']);
  expect(index.update([tool('two', 'gamma')])).toBe(1);
  expect(names(index.find('alpha'))).toEqual([]);
});

test('a word that no tool has any more is taken for a misspelling again', () => {
  const index = indexOf(tool('list_isues'), tool('list_issues'));
  expect(index.find('isues')[0]?.name).toBe('a__list_isues');
  index.update([tool('list_issues'), tool('other')]);
  expect(names(index.find('isues'))).toEqual(['a__list_issues']);
});

test('after any changes it finds the same, in the same order, as one that never knew other tools', () => {
  const all = writtenTools().slice(0, 40);
  const subset = fc.subarray([...all]);
  const queries = [
    'issue',
    'open a pull request',
    'file',
    'list',
    'messages',
    'branch of repo',
    'isue',
    'comit',
    'repositor',
  ];
  fc.assert(
    fc.property(fc.array(subset, { maxLength: 4 }), subset, (steps, last) => {
      const lived = new ToolIndex();
      for (const step of [...steps, last]) lived.update(step);
      const fresh = indexOf(...last);
      for (const query of queries) expect(names(lived.find(query))).toEqual(names(fresh.find(query)));
    }),
    { numRuns: 25 },
  );
});
