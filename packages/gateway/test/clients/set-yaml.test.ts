import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { removeYaml, setYaml } from '../../src/clients/set-yaml.ts';

const value = { cmd: 'x', args: ['a'] };
const laid = 'n:\n    cmd: x\n    args:\n      - a\n';

test.each([
  ['', `s:\n  ${laid}`],
  ['# only\n', `# only\ns:\n  ${laid}`],
  ['a: 1 # one', `a: 1 # one\ns:\n  ${laid}`],
  ['s: # all\n  "q": { b: 1 } # own\n\n# end\nz: [1]\n', `s: # all\n  "q": { b: 1 } # own\n  ${laid}\n# end\nz: [1]\n`],
  ['s: # all\r\n  q: 1\r\n', `s: # all\n  q: 1\n  ${laid}`.replaceAll('\n', '\r\n')],
  ['s:\n  t: |\n    text\n\nz: 1\n', `s:\n  t: |\n    text\n  ${laid}\nz: 1\n`],
])('a value comes into %j by lines alone', (before, after) => {
  expect(setYaml(before, 's', 'n', value)).toBe(after);
});

test('any value comes into any object, and goes again', () => {
  const name = fc.string({ minLength: 1 }).filter((key) => key !== '__proto__');
  const item = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
  const section = fc.dictionary(name, fc.dictionary(name, item, { maxKeys: 3, noNullPrototype: true }), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(
      fc.dictionary(name, section, { maxKeys: 3, noNullPrototype: true }),
      name,
      name,
      fc.boolean(),
      (tree, key, entry, flow) => {
        const text = stringify(tree, flow ? { collectionStyle: 'flow' } : {});
        const next = setYaml(text, key, entry, value);
        expect(parse(next)).toEqual({ ...tree, [key]: { ...tree[key], [entry]: value } });
        const { [entry]: _, ...others } = tree[key] ?? {};
        expect(parse(removeYaml(next, key, [entry]))).toEqual({ ...tree, [key]: others });
      },
    ),
  );
});
