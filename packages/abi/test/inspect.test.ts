import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectModule, ModuleFormatError, ModuleShapeError, requireAbi, UnknownImportError } from '../src/index.ts';
import {
  atLeast,
  between,
  buildModule,
  guardFunctions,
  guardModule,
  pluginFunctions,
  pluginModule,
  preamble,
  section,
  text,
  vector,
} from './module-builder.ts';

const without = (...names: string[]): typeof pluginFunctions =>
  pluginFunctions.filter(({ exported }) => !names.includes(exported ?? ''));
const env = (name: string, type: string): { module: string; name: string; type: string } => ({
  module: 'env',
  name,
  type,
});

describe('inspectModule', () => {
  test('a plugin is told with all that an operator wants to know', () => {
    const report = inspectModule(
      pluginModule({
        imports: [
          env('host_http_request', '(i64) -> i64'),
          { module: 'wasi_snapshot_preview1', name: 'fd_write', type: '(i32) -> i32' },
        ],
        functions: [...pluginFunctions, { exported: '_initialize', type: '() -> ()' }],
        memories: [between(1, 20)],
      }),
    );
    expect(report).toMatchObject({
      abi: 'plugin',
      memory: { minPages: 1, maxPages: 20, pageBytes: 65_536, imported: false, shared: false, is64: false },
      start: '_initialize',
      allocator: { allocate: 'malloc', free: 'free' },
      missing: [],
      unknownImports: [],
      imports: [
        { module: 'env', name: 'host_http_request', kind: 'function', signature: '(i64) -> i64', supported: true },
        { module: 'wasi_snapshot_preview1', name: 'fd_write', supported: true },
      ],
    });
    expect(report.exports).toContainEqual({ name: 'execute', kind: 'function', signature: '(i64) -> i64' });
    expect(report.exports).toContainEqual({ name: 'memory', kind: 'memory' });
    expect(() => requireAbi(report, 'plugin')).not.toThrow();
  });

  test('a guard is told with and without its allocator', () => {
    expect(inspectModule(guardModule())).toMatchObject({ abi: 'guard', missing: [] });
    expect(inspectModule(guardModule()).allocator).toBeUndefined();
    const functions = [
      ...guardFunctions,
      { exported: 'alloc', type: '(i32) -> i32' },
      { exported: 'dealloc', type: '(i32, i32) -> ()' },
    ];
    const report = inspectModule(guardModule({ functions }));
    expect(report.allocator).toEqual({ allocate: 'alloc', free: 'dealloc' });
    expect(() => requireAbi(report, 'guard')).not.toThrow();
  });

  test('a Go program that nothing sets up is told as one, and refused', () => {
    const goSection = section(0, text('go:buildid'));
    const command = inspectModule(pluginModule({ front: [goSection] }));
    const problem = expect.stringContaining('built without -buildmode=c-shared');
    expect(command).toMatchObject({ abi: 'plugin', startProblem: problem, missing: [problem] });
    expect(() => requireAbi(command, 'plugin')).toThrow(/built without -buildmode=c-shared/);
    for (const start of ['_initialize', '_rt0_wasm_wasip1']) {
      const functions = [...pluginFunctions, { exported: start, type: '() -> ()' }];
      const reactor = inspectModule(pluginModule({ front: [goSection], functions }));
      expect(reactor).toMatchObject({ missing: [], start });
      expect(reactor.startProblem).toBeUndefined();
    }
    expect(inspectModule(pluginModule()).startProblem).toBeUndefined();
  });

  test('everything that is missing or wrong is told at once, with the expected and the found type', () => {
    const report = inspectModule(
      pluginModule({
        functions: [
          ...without('execute', 'tools', 'malloc'),
          { exported: 'execute', type: '(i32) -> i32' },
          { exported: 'compact_specs', type: '() -> i32' },
        ],
        memoryExport: 'mem',
      }),
    );
    expect(report.abi).toBe('plugin');
    expect(report.missing).toEqual([
      'the memory "memory" is missing',
      'the function "tools" () -> i64 is missing',
      '"execute" must be (i64) -> i64, found (i32) -> i32',
      '"compact_specs" must be () -> i64, found () -> i32',
      'the function "malloc" or "guest_malloc" (i32) -> i32 is missing',
    ]);
    expect(() => requireAbi(report, 'plugin')).toThrow(expect.objectContaining({ missing: report.missing }));
  });

  test('the second names of the allocator count', () => {
    const functions = [
      ...without('malloc', 'free'),
      { exported: 'guest_malloc', type: '(i32) -> i32' },
      { exported: 'guest_free', type: '(i32) -> ()' },
    ];
    expect(inspectModule(pluginModule({ functions }))).toMatchObject({
      missing: [],
      allocator: { allocate: 'guest_malloc', free: 'guest_free' },
    });
  });

  test("a guard's functions need exactly their type", () => {
    const functions = [{ exported: 'label_agent', type: '(i32, i32) -> i32' }, ...guardFunctions.slice(1)];
    expect(inspectModule(guardModule({ functions })).missing).toEqual([
      '"label_agent" must be (i32, i32, i32, i32) -> i32, found (i32, i32) -> i32',
    ]);
    const withAlloc = [...guardFunctions, { exported: 'alloc', type: '() -> i32' }];
    expect(inspectModule(guardModule({ functions: withAlloc })).missing).toEqual([
      '"alloc" must be (i32) -> i32, found () -> i32',
    ]);
  });

  test('a module of neither kind says so', () => {
    const report = inspectModule(
      buildModule({ functions: [{ exported: '_start', type: '() -> ()' }], memories: [atLeast(1)] }),
    );
    expect([report.abi, report.start, report.allocator]).toEqual(['unknown', undefined, undefined]);
    expect(report.missing).toEqual([expect.stringMatching(/none of the functions of a plugin .* or of a guard/)]);
    expect(() => requireAbi(report, 'plugin')).toThrow(ModuleShapeError);
    expect(() => requireAbi(report, 'guard')).toThrow(/label_agent/);
  });

  test('a guard is no plugin and a plugin no guard', () => {
    expect(() => requireAbi(inspectModule(guardModule()), 'plugin')).toThrow(ModuleShapeError);
    expect(() => requireAbi(inspectModule(pluginModule()), 'guard')).toThrow(ModuleShapeError);
  });

  test('imports are judged by the ABI that the module speaks, each with its reason', () => {
    const imports = [
      env('host_log', '(i32, i32) -> ()'),
      env('call_backend', '(i32, i32, i32, i32, i32, i32) -> i32'),
      env('host_http_request', '(i32) -> i64'),
      env('toString', '() -> ()'),
      { module: 'env', name: 'memory', memory: atLeast(1) },
      { module: 'wasi_snapshot_preview1', name: 'fd_teleport', type: '() -> ()' },
      { module: 'wasi_unstable', name: 'fd_write', type: '() -> ()' },
    ];
    const report = inspectModule(pluginModule({ imports }));
    expect(report.unknownImports.map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
      'call_backend: not among host_http_request, host_log',
      'host_http_request: must be (i64) -> i64, found (i32) -> i64',
      'toString: not among host_http_request, host_log',
      'memory: a host supplies functions only, no memory',
      'fd_teleport: not in WASI preview 1',
      'fd_write: a host supplies "env" and "wasi_snapshot_preview1" only',
    ]);
    expect(() => requireAbi(report, 'plugin')).toThrow(UnknownImportError);
    expect(() => requireAbi(report, 'plugin')).toThrow(/"env"\."call_backend".*"wasi_unstable"\."fd_write"/);

    const guard = inspectModule(
      guardModule({ imports: [...imports.slice(0, 2), env('host_log', '(i32, i32, i32) -> ()')] }),
    );
    expect(guard.unknownImports).toEqual([
      { module: 'env', name: 'host_log', problem: 'must be (i32, i32, i32) -> (), found (i32, i32) -> ()' },
    ]);
  });

  test('in a module of neither kind, an import counts that either kind may use', () => {
    const imports = [
      env('call_backend', '(i32, i32, i32, i32, i32, i32) -> i32'),
      env('host_log', '(i32, i32) -> ()'),
      env('abort', '() -> ()'),
    ];
    expect(inspectModule(buildModule({ imports, memoryExport: null })).unknownImports.map(({ name }) => name)).toEqual([
      'abort',
    ]);
  });

  test('of several memories the exported one is told', () => {
    const memories = section(5, vector([atLeast(1), between(2, 3)]));
    const bytes = Uint8Array.from([...preamble, ...memories, ...section(7, vector([[...text('memory'), 2, 1]]))]);
    expect(inspectModule(bytes).memory).toMatchObject({ minPages: 2, maxPages: 3 });
  });

  test('a 64-bit memory cannot carry spans', () => {
    const report = inspectModule(pluginModule({ memories: [[0x04, 1]] }));
    expect(report.missing).toEqual(['the memory "memory" must be a 32-bit one, found a 64-bit one']);
  });

  test('Go modules start through their own function, after _initialize', () => {
    const rt0 = { exported: '_rt0_wasm_wasip1', type: '() -> ()' };
    const initialize = { exported: '_initialize', type: '() -> ()' };
    expect(inspectModule(pluginModule({ functions: [...pluginFunctions, rt0] })).start).toBe('_rt0_wasm_wasip1');
    expect(inspectModule(pluginModule({ functions: [...pluginFunctions, rt0, initialize] })).start).toBe('_initialize');
  });

  test('any bytes give a report or a format error, never anything else', () => {
    const module = pluginModule({ imports: [env('host_log', '(i32, i32) -> ()')] });
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((tail) => Uint8Array.from([...preamble, ...tail])),
      fc.nat(module.length).map((length) => module.slice(0, length)),
      fc.tuple(fc.nat(module.length - 1), fc.nat(255)).map(([at, byte]) => module.with(at, byte)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          expect(['plugin', 'guard', 'unknown']).toContain(inspectModule(bytes).abi);
        } catch (error) {
          expect(error).toBeInstanceOf(ModuleFormatError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('what the engine says of a valid module, the report says too', () => {
    const module = new WebAssembly.Module(pluginModule());
    const report = inspectModule(pluginModule());
    expect(report.exports.map(({ name, kind }) => ({ name, kind }))).toEqual(WebAssembly.Module.exports(module));
  });
});
