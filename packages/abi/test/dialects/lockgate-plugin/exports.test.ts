import { describe, expect, test } from 'vitest';
import {
  bindPlugin,
  decodeExecute,
  encodeExecute,
  exchange,
  ModuleShapeError,
  type PluginExports,
} from '../../../src/index.ts';
import { buildModule, pluginFunctions, pluginModule } from '../../module-builder.ts';

const instantiate = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
const bind = (bytes: Uint8Array<ArrayBuffer>): PluginExports => bindPlugin(instantiate(bytes));

describe('bindPlugin', () => {
  test('a compiled plugin answers through its exports', () => {
    const plugin = bind(pluginModule());
    expect(exchange(plugin, plugin.name, undefined, (text) => text)).toBe('echo');
    const call = encodeExecute('say', { word: 'hi' });
    expect(exchange(plugin, plugin.execute, call, decodeExecute)).toEqual({ data: call, isError: false });
    expect(plugin.healthy()).toBe(1);
    expect(plugin.compactSpecs).toBeUndefined();
    expect(plugin.start).toBeUndefined();
  });

  test('optional exports are bound where they are', () => {
    const functions = [
      ...pluginFunctions,
      { exported: 'compact_specs', type: '() -> i64', code: [0x42, 0] },
      { exported: '_rt0_wasm_wasip1', type: '() -> ()', code: [] },
    ];
    const exports = instantiate(pluginModule({ functions }));
    const plugin = bindPlugin(exports);
    expect(plugin.compactSpecs).toBe(exports.compact_specs);
    expect(plugin.start).toBe(exports._rt0_wasm_wasip1);
  });

  test('malloc goes before guest_malloc, and either will do', () => {
    const functions = pluginFunctions.filter(({ exported }) => exported !== 'malloc');
    const second = { exported: 'guest_malloc', type: '(i32) -> i32', code: [0x41, 0] };
    const plugin = bind(pluginModule({ functions: [...functions, second] }));
    expect(() => plugin.allocator.allocate(5)).toThrow(/guest_malloc/);
    expect(bind(pluginModule({ functions: [...pluginFunctions, second] })).allocator.allocate(5)).toBe(4096);
  });

  test('everything that is missing is told at once', () => {
    const exports = instantiate(buildModule({ functions: pluginFunctions.slice(0, 4), memoryExport: null }));
    expect(() => bindPlugin(exports)).toThrow(ModuleShapeError);
    expect(() => bindPlugin(exports)).toThrow(
      /"memory".*"execute" \(i64\) -> i64.*"healthy".*"malloc" or "guest_malloc".*"free" or "guest_free"/,
    );
  });

  test('the message limit is 64 MiB where none is given', () => {
    expect(bind(pluginModule()).maxMessageBytes).toBe(67_108_864);
    expect(bindPlugin(instantiate(pluginModule()), { maxMessageBytes: 10 }).maxMessageBytes).toBe(10);
  });

  test('leaks reach the binding', () => {
    const functions = pluginFunctions.map((spec) => (spec.exported === 'free' ? { ...spec, code: [0x00] } : spec));
    const leaks: number[] = [];
    const plugin = bindPlugin(instantiate(pluginModule({ functions })), { onLeak: (bytes) => leaks.push(bytes) });
    expect(exchange(plugin, plugin.execute, 'ping', (text) => text)).toBe('ping');
    expect(leaks).toEqual([4]);
  });
});
