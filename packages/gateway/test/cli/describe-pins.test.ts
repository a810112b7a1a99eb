import { expect, test } from 'vitest';
import { describePins, shownName } from '../../src/cli/describe-pins.ts';

const plain = (_style: string, text: string): string => text;

test('a changed tool is shown by what has changed of it, and without what moves the terminal', async () => {
  const said = await describePins(
    {
      mode: 'first-use',
      file: '/x/pins.json',
      pinned: 3,
      withheld: [
        {
          server: 'notes',
          kind: 'tool',
          name: 'add\u001B[2J',
          because: 'changed',
          isOffered: true,
          digest: '1:a',
          findings: [{ kind: 'hidden characters', text: 'has U+200B, which nobody sees' }],
          before: '{\n  "a": 1,\n  "b": 1,\n  "c": 1,\n  "d": "one",\n  "e": 1,\n  "f": 1,\n  "g": 1\n}',
          after: '{\n  "a": 1,\n  "b": 1,\n  "c": 1,\n  "d": "two\\u{200B}",\n  "e": 1,\n  "f": 1,\n  "g": 1\n}',
        },
      ],
    },
    ' -c x',
    plain,
  );
  expect(said).toBe(`3 approved (first-use, in /x/pins.json), 1 withheld.

notes/add\\u{001B}[2J has changed since it was approved
  ! has U+200B, which nobody sees
      "b": 1,
      "c": 1,
  -   "d": "one",
  +   "d": "two\\u{200B}",
      "e": 1,
      "f": 1,
`);
});

const changed = { server: 'a', kind: 'tool', name: 'b', because: 'changed', digest: '1:a', findings: [] } as const;

test('changes far from each other are shown each for itself, and what is as before between them is not', async () => {
  const definition = (readOnly: boolean, to: string): string =>
    JSON.stringify(
      { annotations: { readOnly }, d: [1, 2, 3, 4, 5, 6], description: `Adds ${to}.`, name: 'b' },
      null,
      2,
    );
  const item = { ...changed, isOffered: true, before: definition(false, 'one'), after: definition(true, 'two') };
  const said = await describePins({ mode: 'manual', pinned: 1, withheld: [item] }, ' -c x', plain);
  expect(said.split('\n').slice(3)).toEqual([
    '    {',
    '      "annotations": {',
    '  -     "readOnly": false',
    '  +     "readOnly": true',
    '      },',
    '      "d": [',
    '    ...',
    '        6',
    '      ],',
    '  -   "description": "Adds one.",',
    '  +   "description": "Adds two.",',
    '      "name": "b"',
    '    }',
    '',
  ]);
});

test('two definitions of thousands of lines that have nothing in common are told apart at once', async () => {
  const lines = (of: string): string => Array.from({ length: 3_000 }, (_, at) => `${of}${at}`).join('\n');
  const item = { ...changed, isOffered: true, before: lines('a'), after: lines('b') };
  const said = await describePins({ mode: 'manual', pinned: 1, withheld: [item] }, ' -c x', plain);
  expect(said).toMatch(/\n {2}- a0\n {2}- a1\n/);
  expect(said).toContain('5940 more lines');
});

test('what only some callers are offered, or nobody any more, is told apart from what everybody is', async () => {
  const item = { ...changed, because: 'new', isOffered: false, after: '{}' } as const;
  const said = await describePins({ mode: 'first-use', pinned: 2, withheld: [item] }, ' -c x', plain);
  expect(said).toMatch(/^2 approved \(first-use, in memory\), 0 withheld\. 1 not offered to everybody now/);
  expect(said).toContain('a/b is new: nobody has approved it, and not everybody is offered it now');
});

test('what is no tool is named with what it is', () => {
  expect(shownName({ server: 'a', kind: 'prompt', name: 'greet' })).toBe('a/prompt:greet');
  expect(shownName({ server: 'a', kind: 'instructions', name: '' })).toBe('a/instructions:');
});

test('a name shows what nobody would see of it, and stays on its line', () => {
  const name = 'add\u200B\u202Edrop\nmore';
  expect(shownName({ server: 'a', kind: 'tool', name })).toBe('a/add\\u{200B}\\u{202E}drop more');
});

test('where pins are off, it is said how to switch them on', async () => {
  expect(await describePins({ mode: 'off', pinned: 0, withheld: [] }, ' -c x', plain)).toMatch(/gateway\.pins\.mode/);
});
