import { describe, expect, test } from 'vitest';
import { builtInDialects, type Dialect, inspectModule, requireAbi } from '../src/index.ts';
import { recogniseDialect } from '../src/recognise.ts';
import { guardFunctions, guardModule, pluginFunctions, pluginModule } from './module-builder.ts';

const [plugin, guard] = builtInDialects as [Dialect, Dialect];
const outline = (...names: string[]) => ({
  imports: [],
  exports: names.map((name) => ({ name, kind: 'function' as const })),
});

describe('of a table of dialects', () => {
  test('the one counts of whose exports a module has the larger share', () => {
    expect(recogniseDialect(outline('execute', 'label_agent'), builtInDialects)).toBe(guard);
    expect(recogniseDialect(outline('execute', 'tools', 'name', 'label_agent'), builtInDialects)).toBe(plugin);
    expect(recogniseDialect(outline('_start'), builtInDialects)).toBeUndefined();
  });

  test('of two that fit as well the first counts', () => {
    const twin = { ...plugin, id: 'twin' };
    expect(recogniseDialect(outline('execute'), [plugin, twin])).toBe(plugin);
    expect(recogniseDialect(outline('execute'), [twin, plugin])).toBe(twin);
  });

  test('a dialect may recognise its guests by something else, such as an import', () => {
    const byImport: Dialect = {
      ...plugin,
      id: 'by-import',
      recognise: ({ imports }) => (imports.some(({ module }) => module === 'kernel') ? 1 : 0),
    };
    const table = [plugin, byImport];
    const imports = [{ module: 'kernel', name: 'alloc', kind: 'function' as const }];
    expect(recogniseDialect({ ...outline('execute'), imports }, table)).toBe(byImport);
    expect(recogniseDialect(outline('execute'), table)).toBe(plugin);
  });

  test('a program of a PDK from before Extism 1.0 is a plug-in of Extism, which says what to do', () => {
    const imports = [{ module: 'env', name: 'extism_input_length', kind: 'function' as const }];
    const found = recogniseDialect({ ...outline('_start', 'count'), imports }, builtInDialects);
    expect(found?.id).toBe('extism');
  });

  test('an export counts under any of its names', () => {
    const renamed: Dialect = { ...guard, exports: [{ names: ['old', 'new'], signature: '() -> ()' }] };
    expect(recogniseDialect(outline('new'), [renamed])).toBe(renamed);
  });
});

describe('requireAbi', () => {
  const other: Dialect = { ...guard, id: 'other', role: 'plugin', codec: plugin.codec } as Dialect;

  test('answers the dialect of the role that the module speaks', () => {
    expect(requireAbi(inspectModule(pluginModule()), 'plugin').id).toBe('lockgate-plugin');
    expect(requireAbi(inspectModule(guardModule()), 'guard').id).toBe('lockgate-guard');
    const table = [plugin, other];
    expect(requireAbi(inspectModule(guardModule(), table), 'plugin', table).id).toBe('other');
  });

  test('judges a module that resembles none by the first of the role', () => {
    const table = [guard, other, plugin];
    const report = inspectModule(pluginModule({ functions: [{ exported: '_start', type: '() -> ()' }] }), table);
    expect(() => requireAbi(report, 'plugin', table)).toThrow(/label_agent/);
  });

  test('says so when no dialect is for the role', () => {
    expect(() => requireAbi(inspectModule(guardModule(), [guard]), 'plugin', [guard])).toThrow(
      new TypeError('Expected a dialect for a plugin among "dialects", got none.'),
    );
  });
});

test('a module that resembles none of the given dialects is told what each would export', () => {
  const report = inspectModule(guardModule(), [plugin]);
  expect(report).toMatchObject({ abi: 'unknown', missing: [expect.stringMatching(/functions of a plugin \(name, /)] });
  expect(report).not.toHaveProperty('dialect');
});

test('an import is told to be of no use where a dialect supplies none', () => {
  const bare: Dialect = { ...plugin, imports: [], wasi: false };
  const imports = [{ module: 'env', name: 'host_log', type: '(i32, i32) -> ()' }];
  const { unknownImports } = inspectModule(pluginModule({ imports, functions: pluginFunctions }), [bare]);
  expect(unknownImports).toMatchObject([{ name: 'host_log', problem: 'a host supplies nothing to a plugin' }]);
  expect(inspectModule(guardModule({ functions: guardFunctions })).dialect).toBe('lockgate-guard');
});
