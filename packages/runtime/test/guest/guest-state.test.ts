import { StateExport } from '@lockgate/abi';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateExports } from '../../src/guest/guest-state.ts';

const PAGE_BYTES = 65_536;
const SEGMENT = [1, 2, 3];

interface Fresh {
  readonly memory: WebAssembly.Memory;
  readonly globals: readonly [WebAssembly.Global<'i32'>, WebAssembly.Global<'i64'>, WebAssembly.Global<'f32'>];
  readonly table: WebAssembly.Table;
  readonly state: StateExports;
}

/** What a new instance of a module with one data segment exports. */
function instantiate({ pages = 1, entries = 2 } = {}): Fresh {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 2_000 });
  new Uint8Array(memory.buffer).set(SEGMENT, 1_024);
  const globals = [
    new WebAssembly.Global({ value: 'i32', mutable: true }, 1),
    new WebAssembly.Global({ value: 'i64', mutable: true }, 1n),
    new WebAssembly.Global({ value: 'f32', mutable: true }, -0),
  ] as const;
  const table = new WebAssembly.Table({ element: 'externref', initial: entries });
  const state = StateExports.of({
    [`${StateExport.memory}0`]: memory,
    [`${StateExport.table}0`]: table,
    [`${StateExport.global}0`]: globals[0],
    [`${StateExport.global}3`]: globals[1],
    [`${StateExport.global}4`]: globals[2],
  });
  if (state === undefined) throw new Error('the state is out of reach');
  return { memory, globals, table, state };
}

describe('the state of a guest', () => {
  test('given to a new instance makes it equal to the old one', () => {
    const write = fc.record({ at: fc.nat(3 * PAGE_BYTES - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(write),
        fc.integer(),
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        (pages, writes, a, b) => {
          const old = instantiate();
          old.memory.grow(pages);
          const bytes = new Uint8Array(old.memory.buffer);
          for (const { at, byte } of writes) bytes[at % bytes.length] = byte;
          old.globals[0].value = a;
          old.globals[1].value = b;
          const next = instantiate();
          const state = old.state.take();
          if (state) next.state.give(structuredClone(state));
          expect(Buffer.compare(new Uint8Array(next.memory.buffer), bytes)).toBe(0);
          expect(next.globals.map(({ value }) => value)).toEqual(old.globals.map(({ value }) => value));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('holds nothing of what the guest has wiped', () => {
    const old = instantiate();
    new Uint8Array(old.memory.buffer).fill(0);
    const state = old.state.take();
    expect(state?.chunks.byteLength).toBe(0);
    const next = instantiate();
    if (state) next.state.give(state);
    expect(new Uint8Array(next.memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  test.each<[string, (guest: Fresh) => void]>([
    ['has changed an entry of a table', ({ table }) => table.set(0, {})],
    ['has made a table longer', ({ table }) => table.grow(1)],
    ['has a NaN in a global, whose bits would be others', ({ globals }) => (globals[2].value = Number.NaN)],
    ['uses more memory than is copied', ({ memory }) => fillFrom(memory, 9 * 16)],
  ])('of one that %s cannot be taken', (_what, change) => {
    const guest = instantiate();
    change(guest);
    expect(guest.state.take()).toBeUndefined();
  });

  test('is out of reach without its exports, and with very long tables', () => {
    expect(StateExports.of({ memory: new WebAssembly.Memory({ initial: 1 }) })).toBeUndefined();
    expect(() => instantiate({ entries: 3_000 })).toThrow('out of reach');
  });
});

function fillFrom(memory: WebAssembly.Memory, pages: number): void {
  memory.grow(pages);
  new Uint8Array(memory.buffer).fill(1);
}
