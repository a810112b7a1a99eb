import { describe, expect, test } from 'vitest';
import { ModuleFormatError } from '../../src/index.ts';
import { readDeclarations } from '../../src/wasm/declarations.ts';
import { preamble, section, text, vector } from '../module-builder.ts';

const module = (...sections: number[][]): Uint8Array => Uint8Array.from([...preamble, ...sections.flat()]);
const types = section(
  1,
  vector([
    [0x60, 0, 1, 0x7e],
    [0x60, 1, 0x7f, 0],
  ]),
);

describe('declarations', () => {
  test('imports of every kind are read, so that what follows a table or a global is found', () => {
    const imports = vector([
      [...text('a'), ...text('table'), 1, 0x70, 0x01, 1, 2],
      [...text('a'), ...text('global'), 3, 0x7f, 1],
      [...text('a'), ...text('tag'), 4, 0, 1],
      [...text('a'), ...text('memory'), 2, 0, 1],
      [...text('a'), ...text('function'), 0, 1],
    ]);
    const { imports: found, memories } = readDeclarations(module(types, section(2, imports)));
    expect(found.map(({ name, kind }) => [name, kind])).toEqual([
      ['table', 'table'],
      ['global', 'global'],
      ['tag', 'tag'],
      ['memory', 'memory'],
      ['function', 'function'],
    ]);
    expect(found.at(-1)?.signature).toEqual({ params: ['i32'], results: [] });
    expect(memories).toMatchObject([{ imported: true, limits: { min: 1 } }]);
  });

  test('an exported function has its type, whether imported or own', () => {
    const bytes = module(
      types,
      section(2, vector([[...text('env'), ...text('f'), 0, 1]])),
      section(3, vector([[0]])),
      section(
        7,
        vector([
          [...text('imported'), 0, 0],
          [...text('own'), 0, 1],
          [...text('ghost'), 0, 9],
        ]),
      ),
    );
    expect(
      readDeclarations(bytes).exports.map(({ name, signature }) => [name, signature?.params, signature?.results]),
    ).toEqual([
      ['imported', ['i32'], []],
      ['own', [], ['i64']],
      ['ghost', undefined, undefined],
    ]);
  });

  test.each([
    ['nothing', [], 'it does not start with'],
    ['text', [...text('hello world')], 'it does not start with'],
    ['a component', [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], 'it is a component'],
    ['another version', [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], 'its version is not 1'],
    [
      'a component of another version',
      [0, 0x61, 0x73, 0x6d, 10, 0, 1, 0],
      'a component of version 10, and 13 is the one',
    ],
    ['a section longer than the file', [...preamble, 1, 40], 'it ends too early'],
    ['a custom page size above 64 KiB', [...preamble, ...section(5, vector([[0x08, 1, 17]]))], 'page size'],
    ['unknown limits', [...preamble, ...section(5, vector([[0x81, 0, 1]]))], 'unknown flags'],
    ['an unknown kind of import', [...preamble, ...section(2, vector([[0, 0, 9]]))], 'no known kind'],
  ])('%s is refused by name', (_, bytes, problem) => {
    expect(() => readDeclarations(Uint8Array.from(bytes))).toThrow(ModuleFormatError);
    expect(() => readDeclarations(Uint8Array.from(bytes))).toThrow(problem);
  });
});
