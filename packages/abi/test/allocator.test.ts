import { describe, expect, test } from 'vitest';
import { Allocator, GuestOutOfMemoryError } from '../src/index.ts';

describe('allocator', () => {
  test('pointers are unsigned', () => {
    const allocator = new Allocator({ name: 'malloc', allocate: () => -65_536, free: () => undefined });
    expect(allocator.allocate(8)).toBe(0xffff_0000);
  });

  test('null is out of memory, told with the size and the export', () => {
    const allocator = new Allocator({ name: 'guest_malloc', allocate: () => 0, free: () => undefined });
    expect(() => allocator.allocate(123)).toThrow(GuestOutOfMemoryError);
    expect(() => allocator.allocate(123)).toThrow(/guest_malloc.*123 bytes/);
  });

  test("a trap of the guest's malloc comes through as it is", () => {
    const trap = new WebAssembly.RuntimeError('unreachable');
    const allocate = (): never => {
      throw trap;
    };
    expect(() => new Allocator({ name: 'malloc', allocate, free: () => undefined }).allocate(1)).toThrow(trap);
  });

  test('a trap in free is a leak: reported with its bytes, counted, never thrown', () => {
    const leaks: number[] = [];
    const free = (pointer: number): void => {
      if (pointer === 8) throw new WebAssembly.RuntimeError('unreachable');
    };
    const allocator = new Allocator(
      { name: 'malloc', allocate: () => 8, free },
      { onLeak: (bytes) => leaks.push(bytes) },
    );
    allocator.free(16, 1);
    expect([allocator.freeTraps, allocator.leakedBytes, leaks]).toEqual([false, 0, []]);
    allocator.free(8, 48);
    allocator.free(8, 52);
    expect([allocator.freeTraps, allocator.leakedBytes, leaks]).toEqual([true, 100, [48, 52]]);
  });

  test('once freeing is given up, the guest is left alone and every block counts as leaked', () => {
    const freed: number[] = [];
    const leaks: number[] = [];
    const allocator = new Allocator(
      { name: 'malloc', allocate: () => 8, free: (pointer) => freed.push(pointer) },
      { onLeak: (bytes) => leaks.push(bytes) },
    );
    allocator.free(8, 10);
    allocator.stopFreeing();
    allocator.free(16, 20);
    expect(freed).toEqual([8]);
    expect(leaks).toEqual([20]);
    expect(allocator.freeTraps).toBe(false);
  });
});
