import { describe, expect, test } from 'vitest';
import { exportState, ModuleFormatError, StateExport } from '../../src/index.ts';
import { atLeast, leb, pluginModule, preamble, section, text, vector } from '../module-builder.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;
const FUNCREF = 0x70;
const ANYREF = 0x6e;
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
  readonly elements?: readonly (readonly number[])[];
  readonly data?: readonly (readonly number[])[];
}

/** A module with one function that does nothing. */
function moduleOf({
  imports = [],
  tables = [],
  memories = [atLeast(1)],
  globals = [],
  exports = [memoryExport],
  start,
  elements = [],
  data = [],
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
    ...section(9, vector(elements)),
    ...section(10, vector([[2, 0, END]])),
    ...section(11, vector(data)),
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
    ['a table of objects, which change in place', { tables: [[ANYREF, ...atLeast(1)]] }],
    ['a table with places of 64 bits', { tables: [[FUNCREF, 0x04, 1]] }],
    [
      'a table that begins with something computed',
      { tables: [[0x40, 0, FUNCREF, ...atLeast(1), 0xd0, FUNCREF, END]] },
    ],
    [
      'data that it may drop',
      {
        data: [
          [0, ...i32(0), END, 1, 7],
          [1, 1, 7],
        ],
      },
    ],
    [
      'functions for tables that it may drop',
      {
        elements: [
          [3, 0, 1, 0],
          [1, 0, 1, 0],
        ],
      },
    ],
    [
      'the same as expressions',
      {
        elements: [
          [7, FUNCREF, 1, 0xd2, 0, END],
          [5, FUNCREF, 1, 0xd2, 0, END],
        ],
      },
    ],
    ['data whose place is something unknown', { data: [[0, 0xfd, 0x0c]] }],
    ['an export of such a name', { exports: [memoryExport, [...text(`${StateExport.memory}0`), 2, 0]] }],
  ])('a module with %s stays as it is', (_what, parts) => {
    const bytes = moduleOf(parts);
    expect(exportState(bytes)).toBe(bytes);
  });

  test('segments that are used up at the start, of every form, are no state', () => {
    const bytes = moduleOf({
      tables: [[FUNCREF, ...atLeast(4)]],
      elements: [
        [0, ...i32(0), END, 1, 0],
        [2, 0, ...i32(1), END, 0, 2, 0, 0],
        [3, 0, 1, 0],
        [4, ...i32(3), END, 1, 0xd2, 0, END],
        [6, 0, ...i32(3), END, FUNCREF, 1, 0xd0, FUNCREF, END],
        [7, FUNCREF, 1, 0xd2, 0, END],
      ],
      data: [
        [0, ...i32(8), END, 2, 1, 2],
        [2, 0, ...i32(9), END, 1, 3],
      ],
    });
    expect(namesOf(bytes)).toContain(`${StateExport.memory}0`);
  });

  test('a plugin is still one that the engine takes', () => {
    expect(WebAssembly.validate(exportState(pluginModule()) as Uint8Array<ArrayBuffer>)).toBe(true);
  });

  test('what is no module is refused', () => {
    expect(() => exportState(Uint8Array.of(1, 2, 3))).toThrow(ModuleFormatError);
  });
});
