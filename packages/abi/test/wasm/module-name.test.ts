import { describe, expect, test } from 'vitest';
import { ModuleFormatError, nameModule } from '../../src/index.ts';
import { buildModule, leb, section, text, vector } from '../module-builder.ts';

const trap = { functions: [{ exported: 'go', type: '() -> ()' }], memoryExport: null };
const functionNames = section(1, vector([[0, ...text('wander')]]));

function stackOf(bytes: Uint8Array): string {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  try {
    (exports.go as () => void)();
  } catch (error) {
    return String((error as Error).stack);
  }
  return '';
}

const withNames = (...subsections: number[][]): Uint8Array =>
  Uint8Array.from([...buildModule(trap), ...section(0, [...text('name'), ...subsections.flat()])]);

describe('nameModule', () => {
  test('the name stands in stack traces', () => {
    expect(stackOf(buildModule(trap))).not.toContain('path-guard');
    expect(stackOf(nameModule(buildModule(trap), 'path-guard'))).toContain('wasm://wasm/path-guard-');
  });

  test('a name is replaced and the names of functions stay', () => {
    const named = nameModule(withNames(section(0, text('old')), functionNames), 'new');
    expect(stackOf(named)).toMatch(/wander \(wasm:\/\/wasm\/new-/);
    expect(Buffer.from(named).includes('old')).toBe(false);
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(Uint8Array.from(named)), 'name')).toHaveLength(1);
  });

  test('naming twice is naming once', () => {
    const once = nameModule(withNames(functionNames), 'guard');
    expect(nameModule(once, 'guard')).toEqual(once);
  });

  test('a broken name section is replaced, as engines ignore it too', () => {
    expect(stackOf(nameModule(withNames(functionNames, [2, ...leb(900)]), 'guard'))).toMatch(
      /wander \(wasm:\/\/wasm\/guard-/,
    );
  });

  test('long and foreign names are written whole', () => {
    const name = '猫'.repeat(100);
    const named = nameModule(buildModule(trap), name);
    expect(WebAssembly.validate(Uint8Array.from(named))).toBe(true);
    expect(Buffer.from(named).includes(name)).toBe(true);
  });

  test('what is no module is refused', () => {
    expect(() => nameModule(Uint8Array.of(1, 2, 3), 'x')).toThrow(ModuleFormatError);
  });
});
