import { describe, expect, test } from 'vitest';
import { LiveModules, ModuleMap } from '../src/module-map.ts';
import { loopModule } from './fixtures/modules.ts';

const kept = (byteLength: number) => ({
  module: new WebAssembly.Module(loopModule(1, 100)),
  byteLength,
  compileMs: 1,
});

describe('ModuleMap', () => {
  test('the least recently used module leaves first', () => {
    const map = new ModuleMap(30);
    for (const key of ['a', 'b', 'c']) map.set(key, kept(10));
    map.get('a');
    map.set('d', kept(10));
    expect(['a', 'b', 'c', 'd'].filter((key) => map.get(key))).toEqual(['a', 'c', 'd']);
    expect({ bytes: map.bytes, evictions: map.evictions }).toEqual({ bytes: 30, evictions: 1 });
  });

  test('a module larger than the whole map is not kept and pushes nobody out', () => {
    const map = new ModuleMap(30);
    map.set('a', kept(30));
    map.set('b', kept(31));
    expect([map.get('a') !== undefined, map.get('b')]).toEqual([true, undefined]);
  });

  test('nothing is left after clear', () => {
    const map = new ModuleMap(30);
    map.set('a', kept(30));
    map.clear();
    expect([map.get('a'), map.bytes]).toEqual([undefined, 0]);
  });
});

describe('LiveModules', () => {
  test('a module that somebody holds is found', () => {
    const live = new LiveModules();
    const mine = kept(10);
    live.set('a', mine);
    expect(live.get('a')?.module).toBe(mine.module);
    expect(live.bytes).toBe(0);
  });
});
