import { describe, expect, test } from 'vitest';
import { bindGuard, callGuard, ModuleShapeError } from '../../../src/index.ts';
import { atLeast, bumpMalloc, guardFunctions, guardModule } from '../../module-builder.ts';

const instantiate = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

describe('bindGuard', () => {
  test('a compiled guard answers, with its allocator and without', () => {
    const functions = [
      ...guardFunctions,
      { exported: 'alloc', type: '(i32) -> i32', code: bumpMalloc },
      { exported: 'dealloc', type: '(i32, i32) -> ()', code: [] },
    ];
    for (const module of [guardModule(), guardModule({ functions, memories: [atLeast(80)] })]) {
      const guard = bindGuard(instantiate(module));
      const call = guard.functions.label_response;
      expect(callGuard(guard, { exportName: 'label_response', call, input: '{"grün":1}', decode: JSON.parse })).toEqual(
        { grün: 1 },
      );
    }
  });

  test('half an allocator is none', () => {
    const functions = [...guardFunctions, { exported: 'alloc', type: '(i32) -> i32', code: bumpMalloc }];
    expect(bindGuard(instantiate(guardModule({ functions }))).allocator).toBeUndefined();
  });

  test('everything that is missing is told at once', () => {
    const exports = instantiate(guardModule({ functions: guardFunctions.slice(0, 1), memoryExport: null }));
    expect(() => bindGuard(exports)).toThrow(ModuleShapeError);
    expect(() => bindGuard(exports)).toThrow(/"memory".*"label_resource".*"label_response"/);
  });

  test('the function that sets it up is found', () => {
    expect(bindGuard(instantiate(guardModule())).start).toBeUndefined();
    const functions = [...guardFunctions, { exported: '_initialize', type: '() -> ()', code: [] }];
    const exports = instantiate(guardModule({ functions }));
    expect(bindGuard(exports).start).toBe(exports._initialize);
  });
});
