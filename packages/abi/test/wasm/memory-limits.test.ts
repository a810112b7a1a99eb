import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectModule, LockgateError, limitMemory, MemoryMinimumError, ModuleFormatError } from '../../src/index.ts';
import {
  atLeast,
  between,
  buildModule,
  leb,
  pluginFunctions,
  pluginModule,
  preamble,
  section,
  text,
  vector,
} from '../module-builder.ts';

const PAGE = 65_536;

const maxOf = (bytes: Uint8Array): number | undefined => inspectModule(bytes).memory?.maxPages;

function instance(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
}

/** How far a memory really grows. */
function grownPages(memory: WebAssembly.Memory): number {
  for (;;) {
    try {
      memory.grow(1);
    } catch {
      return memory.buffer.byteLength / PAGE;
    }
  }
}

const limited = (bytes: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> =>
  limitMemory(bytes, { maxBytes: pages * PAGE });

describe('limitMemory', () => {
  test('an absent maximum becomes the ceiling, and the engine holds the memory to it', () => {
    const bytes = limited(pluginModule(), 3);
    expect(maxOf(bytes)).toBe(3);
    expect(grownPages(instance(bytes).memory as WebAssembly.Memory)).toBe(3);
  });

  test('a larger maximum is lowered, a smaller one stays and the bytes are the same object', () => {
    const larger = pluginModule({ memories: [between(1, 500)] });
    expect(maxOf(limited(larger, 200))).toBe(200);
    const smaller = pluginModule({ memories: [between(1, 2)] });
    expect(limitMemory(smaller, { maxBytes: 3 * PAGE })).toBe(smaller);
    const equal = pluginModule({ memories: [between(1, 3)] });
    expect(limitMemory(equal, { maxBytes: 3 * PAGE })).toBe(equal);
  });

  test('a ceiling is rounded down to whole pages', () => {
    expect(maxOf(limitMemory(pluginModule(), { maxBytes: 3 * PAGE - 1 }))).toBe(2);
  });

  test('a module that starts above its ceiling is refused with both numbers', () => {
    const bytes = pluginModule({ memories: [atLeast(4)] });
    expect(() => limited(bytes, 3)).toThrow(MemoryMinimumError);
    expect(() => limited(bytes, 3)).toThrow(
      expect.objectContaining({ initialBytes: 4 * PAGE, ceilingBytes: 3 * PAGE }),
    );
    expect(maxOf(limited(bytes, 4))).toBe(4);
  });

  test('a module without memory stays as it is', () => {
    const bytes = buildModule({ memoryExport: null });
    expect(limitMemory(bytes, { maxBytes: 0 })).toBe(bytes);
  });

  test('an imported memory gets the ceiling in its import; the other imports stay', () => {
    const bytes = limited(
      buildModule({
        imports: [
          { module: 'env', name: 'host_log', type: '(i32, i32) -> ()' },
          { module: 'env', name: 'memory', memory: between(1, 900) },
          { module: 'env', name: 'late', type: '() -> i64' },
        ],
      }),
      7,
    );
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    expect(imports.map(({ name }) => name)).toEqual(['host_log', 'memory', 'late']);
    expect(inspectModule(bytes).memory).toMatchObject({ imported: true, minPages: 1, maxPages: 7 });
    const functions = { host_log: () => undefined, late: () => 0n };
    const fits = new WebAssembly.Memory({ initial: 1, maximum: 7 });
    expect(() => instance(bytes, { env: { ...functions, memory: fits } })).not.toThrow();
    const tooLarge = new WebAssembly.Memory({ initial: 1, maximum: 8 });
    expect(() => instance(bytes, { env: { ...functions, memory: tooLarge } })).toThrow(WebAssembly.LinkError);
  });

  test('several memories share the ceiling', () => {
    const bytes = limited(
      buildModule({
        imports: [{ module: 'env', name: 'first', memory: atLeast(2) }],
        memories: [between(1, 4), atLeast(3)],
      }),
      12,
    );
    const module = new WebAssembly.Module(bytes);
    expect(module).toBeInstanceOf(WebAssembly.Module);
    // Six pages are left over the minima, two for each; the second asked for no more than four in all.
    const bound = limitMemory(bytes, { maxBytes: 12 * PAGE });
    expect(bound).toBe(bytes);
    expect(() => limited(bytes, 5)).toThrow(expect.objectContaining({ initialBytes: 6 * PAGE }));
    expect(inspectModule(bytes).memory).toMatchObject({ minPages: 2, maxPages: 4 });
  });

  test('a shared memory stays shared', () => {
    const bytes = limited(pluginModule({ memories: [[0x03, ...leb(1), ...leb(400)]] }), 300);
    expect(inspectModule(bytes).memory).toMatchObject({ shared: true, maxPages: 300 });
    expect((instance(bytes).memory as WebAssembly.Memory).buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('a 64-bit memory stays 64-bit', () => {
    const bytes = limited(buildModule({ memories: [[0x04, ...leb(1, 9)]] }), 300);
    expect(inspectModule(bytes).memory).toMatchObject({ is64: true, minPages: 1, maxPages: 300 });
    expect(new WebAssembly.Module(bytes)).toBeInstanceOf(WebAssembly.Module);
  });

  test('numbers and section lengths in padded form are understood', () => {
    const memory = vector([[0x01, ...leb(1, 5), ...leb(60_000, 5)]]);
    const bytes = Uint8Array.from([
      ...preamble,
      5,
      ...leb(memory.length, 5),
      ...memory,
      ...section(7, vector([[...text('memory'), 2, 0]])),
    ]);
    const result = limited(bytes, 5);
    expect(maxOf(result)).toBe(5);
    expect(grownPages(instance(result).memory as WebAssembly.Memory)).toBe(5);
  });

  test('everything but the limits stays byte for byte', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.option(fc.nat(70_000)),
        fc.integer({ min: 40, max: 65_536 }),
        fc.array(fc.nat(255), { maxLength: 300 }),
        (min, extra, pages, dataBytes) => {
          const limits = extra === null ? atLeast(min) : between(min, Math.min(min + extra, 65_536));
          const custom = section(0, [...text('note'), ...dataBytes]);
          const spec = { memories: [limits], front: [custom], data: { offset: 0, bytes: dataBytes } };
          const before = Buffer.from(pluginModule(spec));
          const after = Buffer.from(limited(before, pages));
          const expected = extra === null ? pages : Math.min(min + extra, 65_536, pages);
          expect(inspectModule(after).memory).toMatchObject({ minPages: min, maxPages: expected });
          // The same module written with the lowered limits from the start.
          expect(after.equals(Buffer.from(pluginModule({ ...spec, memories: [between(min, expected)] })))).toBe(true);
          expect(WebAssembly.validate(after)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('any bytes are refused with a typed error or come back as a module', () => {
    const module = pluginModule({ imports: [{ module: 'env', name: 'memory', memory: between(1, 900) }] });
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((tail) => Uint8Array.from([...preamble, ...tail])),
      fc.nat(module.length).map((length) => module.slice(0, length)),
      fc.tuple(fc.nat(module.length - 1), fc.nat(255)).map(([at, byte]) => module.with(at, byte)),
    );
    fc.assert(
      fc.property(hostile, fc.nat(2 ** 26), (bytes, maxBytes) => {
        const before = bytes.slice();
        try {
          expect(limitMemory(bytes, { maxBytes })).toBeInstanceOf(Uint8Array);
        } catch (error) {
          expect(LockgateError.isInstance(error)).toBe(true);
        }
        expect(bytes).toEqual(before);
      }),
      { numRuns: 5_000 },
    );
  });

  test('whatever module the engine still takes after it has been damaged is under the ceiling', () => {
    // No data segment: a damaged one would be refused when the module starts.
    const module = buildModule({ functions: pluginFunctions, memories: [atLeast(1)], heapStart: 4096 });
    fc.assert(
      fc.property(fc.nat(module.length - 1), fc.nat(255), (at, byte) => {
        const damaged = module.with(at, byte);
        let result: Uint8Array<ArrayBuffer>;
        try {
          result = limited(damaged, 4);
        } catch (error) {
          // Nothing that the engine can run is refused for another reason than its size.
          expect(WebAssembly.validate(damaged) && error instanceof ModuleFormatError).toBe(false);
          return;
        }
        // The other way round it may: a maximum above 4 GiB is no longer one.
        if (WebAssembly.validate(damaged)) expect(WebAssembly.validate(result)).toBe(true);
        const memory = WebAssembly.validate(result) ? instance(result).memory : undefined;
        if (memory instanceof WebAssembly.Memory && !inspectModule(result).memory?.is64) {
          expect(grownPages(memory)).toBeLessThanOrEqual(4);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a ceiling of %d is a mistake of the caller',
    (maxBytes) => {
      expect(() => limitMemory(pluginModule(), { maxBytes })).toThrow(TypeError);
    },
  );
});
