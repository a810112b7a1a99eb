// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { describe, expect, test } from 'vitest';
import { expandVariables as expandIn } from '../../src/config/variables.ts';

const expandVariables = (tree: unknown, variables: Record<string, string>) => expandIn(tree, variables, '/the/folder');

describe('variables', () => {
  test('are put into every string, however deep, and leave keys and other values alone', () => {
    const tree = { '${A}': ['x${A}y', { b: '${env:B}' }], n: 1, t: true, z: null };
    expect(expandVariables(tree, { A: 'one', B: 'two' }).value).toEqual({
      '${A}': ['xoney', { b: 'two' }],
      n: 1,
      t: true,
      z: null,
    });
  });

  test('an undefined one names itself and its place, and every one is named', () => {
    const { problems } = expandVariables({ a: { b: ['${ONE}', '${TWO}'] } }, {});
    expect(problems.map(({ place }) => place)).toEqual([
      ['a', 'b', 0],
      ['a', 'b', 1],
    ]);
    expect(problems[0]?.message).toContain('"ONE" is not defined');
    expect(problems[1]?.message).toContain('"TWO" is not defined');
  });

  test('may have a value for when they are undefined, also an empty one', () => {
    expect(expandVariables(['${A:-b}', '${A:-}', '${C:-b}'], { C: '' }).value).toEqual(['b', '', '']);
  });

  test('$${ stands for a plain ${ and is no variable', () => {
    const expansion = expandVariables('$${A} costs $5', {});
    expect(expansion.value).toBe('${A} costs $5');
    expect(expansion.expanded).toEqual([]);
  });

  test.each(['${', '${}', '${a b}', '${input:token}', '${A'])('%s is refused, not passed on', (text) => {
    expect(expandVariables(text, { A: 'x' }).problems).toHaveLength(1);
  });

  test('${config:folder} is the folder of the file, and no secret', () => {
    const { value, expanded, problems } = expandVariables(['${config:folder}/data', '${config:name}'], { config: 'x' });
    expect(value).toEqual(['/the/folder/data', '${config:name}']);
    expect(expanded).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test('a value that looks like a variable is not expanded again', () => {
    expect(expandVariables('${A}', { A: '${B}', B: 'no' }).value).toBe('${B}');
  });
});
