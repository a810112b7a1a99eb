import { expect, test } from 'vitest';
import { describePins, shownName } from '../../src/cli/describe-pins.ts';

const plain = (_style: string, text: string): string => text;

test('a changed tool is shown by what has changed of it, and without what moves the terminal', () => {
  const said = describePins(
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

test('what is no tool is named with what it is', () => {
  expect(shownName({ server: 'a', kind: 'prompt', name: 'greet' })).toBe('a/prompt:greet');
  expect(shownName({ server: 'a', kind: 'instructions', name: '' })).toBe('a/instructions:');
});

test('a name shows what nobody would see of it, and stays on its line', () => {
  const name = 'add\u200B\u202Edrop\nmore';
  expect(shownName({ server: 'a', kind: 'tool', name })).toBe('a/add\\u{200B}\\u{202E}drop more');
});

test('where pins are off, it is said how to switch them on', () => {
  expect(describePins({ mode: 'off', pinned: 0, withheld: [] }, plain)).toMatch(/gateway\.pins\.mode/);
});
