import { describe, expect, test } from 'vitest';
import { exportState, ModuleFormatError, StateExport } from '../../src/index.ts';
import { atLeast, leb, pluginModule, preamble, section, text, vector } from '../module-builder.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;
const FUNCREF = 0x70;
const END = 0x0b;

const global = (type: number, isMutable: boolean, init: readonly number[]): number[] => [
  type,
  isMutable ? 1 : 0,
  ...init,
  END,
];
const i32 = (value: number): number[] => [0x41, value];
const memoryExport = [...text('memory'), 2, 0];

interface Parts {
  readonly imports?: readonly (readonly number[])[];
  readonly tables?: readonly (readonly number[])[];
  readonly memories?: readonly (readonly number[])[];
  readonly globals?: readonly (readonly number[])[];
  readonly exports?: readonly (readonly number[])[];
  /** The function that runs at instantiation. */
  readonly start?: number;
}

/** A module with one function that does nothing. */
function moduleOf({
  imports = [],
  tables = [],
  memories = [atLeast(1)],
  globals = [],
  exports = [memoryExport],
  start,
}: Parts) {
  return Uint8Array.from([
    ...preamble,
    ...section(1, vector([[0x60, 0, 0]])),
    ...section(2, vector(imports)),
    ...section(3, vector([[0]])),
    ...section(4, vector(tables)),
    ...section(5, vector(memories)),
    ...section(6, vector(globals)),
    ...section(7, vector(exports)),
    ...(start === undefined ? [] : section(8, leb(start))),
    ...section(10, vector([[2, 0, END]])),
  ]);
}

const namesOf = (bytes: Uint8Array<ArrayBuffer>): string[] =>
  WebAssembly.Module.exports(new WebAssembly.Module(exportState(bytes) as Uint8Array<ArrayBuffer>)).map(
    ({ name }) => name,
  );

describe('exportState', () => {
  test('the memory, all tables and the globals that can change are exported next to what was', () => {
    const bytes = moduleOf({
      tables: [
        [FUNCREF, ...atLeast(1)],
        [FUNCREF, ...atLeast(2)],
      ],
      globals: [
        global(I32, false, i32(1)),
        global(I32, true, [...i32(1), ...i32(2), 0x6a]),
        global(I64, true, [0x42, 0x80, 0x01]),
        global(F32, true, [0x43, 0, 0, 0, 0]),
        global(F64, true, [0x44, 0, 0, 0, 0, 0, 0, 0, 0]),
        global(FUNCREF, false, [0xd2, 0]),
      ],
    });
    expect(namesOf(bytes)).toEqual([
      'memory',
      `${StateExport.memory}0`,
      `${StateExport.table}0`,
      `${StateExport.table}1`,
      ...[1, 2, 3, 4].map((index) => `${StateExport.global}${index}`),
    ]);
  });

  test('an exported global is the one that the module uses', () => {
    const exports = (bytes: Uint8Array) =>
      new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)).exports;
    const bytes = moduleOf({ globals: [global(I32, true, i32(7))], exports: [memoryExport, [...text('own'), 3, 0]] });
    const { own, [`${StateExport.global}0`]: reached } = exports(exportState(bytes)) as Record<
      string,
      WebAssembly.Global
    >;
    (reached as WebAssembly.Global).value = 9;
    expect(own?.value).toBe(9);
  });

  test.each<[string, Parts]>([
    ['a start function, which would run again', { start: 0 }],
    ['no memory', { memories: [], exports: [] }],
    ['an imported global', { imports: [[...text('a'), ...text('b'), 3, I32, 1]] }],
    ['an imported table', { imports: [[...text('a'), ...text('b'), 1, FUNCREF, ...atLeast(1)]] }],
    ['a shared memory', { memories: [[0x03, 1, 2]] }],
    ['a global that holds a reference and can change', { globals: [global(FUNCREF, true, [0xd0, FUNCREF])] }],
    ['a global that begins with something unknown', { globals: [global(I32, true, [0xfd, 0x0c])] }],
    ['an export of such a name', { exports: [memoryExport, [...text(`${StateExport.memory}0`), 2, 0]] }],
  ])('a module with %s stays as it is', (_what, parts) => {
    const bytes = moduleOf(parts);
    expect(exportState(bytes)).toBe(bytes);
  });

  test('a plugin is still one that the engine takes', () => {
    expect(WebAssembly.validate(exportState(pluginModule()) as Uint8Array<ArrayBuffer>)).toBe(true);
  });

  test('what is no module is refused', () => {
    expect(() => exportState(Uint8Array.of(1, 2, 3))).toThrow(ModuleFormatError);
  });
});
