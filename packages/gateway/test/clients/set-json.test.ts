import fc from 'fast-check';
import { expect, test } from 'vitest';
import { removeJson, setJson } from '../../src/clients/set-json.ts';

const value = { command: 'x', args: ['a', 'b'] };
const laid = '"n": {\n      "command": "x",\n      "args": ["a", "b"]\n    }';

test.each([
  ['an empty object', '{}', `{\n  "s": {\n    "n": {`],
  ['a section alone', '{\n  "s": {\n    "a": 1\n  }\n}', `{\n  "s": {\n    "a": 1,\n    ${laid}\n  }\n}`],
  [
    'a comma at the end',
    '{\n  "s": {\n    "a": { "b": 1 },\n  },\n}',
    `{\n  "s": {\n    "a": { "b": 1 },\n    ${laid},\n  },\n}`,
  ],
  [
    'comments',
    '{\n  "s": {\n    "a": 1 // one\n    // end\n  }\n}',
    `{\n  "s": {\n    "a": 1, // one\n    ${laid}\n    // end\n  }\n}`,
  ],
  [
    'both',
    '{\n  "s": {\n    "a": 1, /* one */ // more\n  }\n}',
    `{\n  "s": {\n    "a": 1, /* one */ // more\n    ${laid},\n  }\n}`,
  ],
  ['no section', '{\n  "a": [1,2], // two\n}\n', '{\n  "a": [1,2], // two\n  "s": {\n    "n": {\n      "command"'],
])('a value comes into %s, and the rest stays as it is', (_what, before, after) => {
  expect(setJson(before, 's', 'n', value)).toContain(after);
});

test('line ends and tabs are those of the text', () => {
  expect(setJson('{\r\n\t"s": {\r\n\t\t"a": 1\r\n\t}\r\n}', 's', 'n', { b: 1 })).toBe(
    '{\r\n\t"s": {\r\n\t\t"a": 1,\r\n\t\t"n": {\r\n\t\t\t"b": 1\r\n\t\t}\r\n\t}\r\n}',
  );
});

test('a value that goes takes its lines with it, and no others', () => {
  const text =
    '{\n  "s": {\n    "a": { "b": [1,2] }, // first\n    "n": { "c": 1 },\n    "z": { "d": [3,4] }\n  }\n}\n';
  expect(removeJson(text, 's', 'n')).toBe(
    '{\n  "s": {\n    "a": { "b": [1,2] }, // first\n    "z": { "d": [3,4] }\n  }\n}\n',
  );
  expect(removeJson(text, 's', 'z')).toBe(
    '{\n  "s": {\n    "a": { "b": [1,2] }, // first\n    "n": { "c": 1 }\n  }\n}\n',
  );
  expect(removeJson(text, 's', 'none')).toBe(text);
});

test('any value comes into any object, and goes again', () => {
  const name = fc.string().filter((key) => key !== '__proto__');
  const section = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
  const spaces = fc.constantFrom(0, 2, '\t');
  fc.assert(
    fc.property(
      fc.dictionary(name, section, { noNullPrototype: true }),
      name,
      name,
      fc.jsonValue(),
      spaces,
      (tree, key, entry, item, indent) => {
        const text = JSON.stringify(tree, null, indent);
        const expected = { ...tree, [key]: { ...tree[key], [entry]: item } };
        const next = setJson(text, key, entry, item);
        expect(JSON.stringify(JSON.parse(next))).toBe(JSON.stringify(expected));
        const { [entry]: _, ...others } = expected[key] ?? {};
        const without = JSON.parse(removeJson(next, key, entry));
        expect(JSON.stringify(without)).toBe(JSON.stringify({ ...expected, [key]: others }));
      },
    ),
  );
});
