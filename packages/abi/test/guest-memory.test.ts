import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory, SpanError } from '../src/index.ts';

const PAGE = 65_536;

function filled(pages = 1): { raw: WebAssembly.Memory; memory: GuestMemory } {
  const raw = new WebAssembly.Memory({ initial: pages });
  const bytes = new Uint8Array(raw.buffer);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31 + 7) & 0xff;
  return { raw, memory: new GuestMemory(raw) };
}

/** Spans of all kinds: inside, at the edge, past it, wrapping around 2^32, and no numbers of bytes at all. */
const anyPart = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.nat(PAGE + 16),
    fc.nat(0xffff_ffff),
    fc.constantFrom(
      0,
      1,
      PAGE - 1,
      PAGE,
      PAGE + 1,
      0x8000_0000,
      0xffff_ffff,
      -1,
      -PAGE,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ),
  );

describe('guest memory', () => {
  test('any span is copied exactly or refused, never read past the end', () => {
    const { raw, memory } = filled();
    const whole = new Uint8Array(raw.buffer).slice();
    fc.assert(
      fc.property(anyPart(), anyPart(), (pointer, byteLength) => {
        const span = { pointer, byteLength };
        const inside = byteLength === 0 || (pointer >= 0 && byteLength > 0 && pointer + byteLength <= PAGE);
        for (const read of [
          () => memory.copyOut(span),
          () => memory.readText(span),
          () => memory.readExactText(span),
        ]) {
          if (inside) expect(read).not.toThrow();
          else expect(read).toThrow(SpanError);
        }
        if (inside && byteLength > 0) expect(memory.copyOut(span)).toEqual(whole.slice(pointer, pointer + byteLength));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a write lands whole or not at all', () => {
    fc.assert(
      fc.property(anyPart(), fc.uint8Array({ maxLength: 64 }), (pointer, bytes) => {
        const { raw, memory } = filled();
        const before = new Uint8Array(raw.buffer).slice();
        try {
          memory.write(pointer, bytes);
          if (bytes.length > 0) expect(memory.copyOut({ pointer, byteLength: bytes.length })).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SpanError);
          expect(new Uint8Array(raw.buffer)).toEqual(before);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a copy does not change with the memory', () => {
    const { raw, memory } = filled();
    const copy = memory.copyOut({ pointer: 0, byteLength: 4 });
    new Uint8Array(raw.buffer).fill(0);
    expect([...copy]).toEqual([7, 38, 69, 100]);
  });

  test('an access after memory.grow sees the new memory', () => {
    const { raw, memory } = filled();
    memory.readText({ pointer: 0, byteLength: 1 });
    raw.grow(1);
    memory.write(PAGE + 8, Uint8Array.of(1, 2, 3));
    expect([...new Uint8Array(raw.buffer, PAGE + 8, 3)]).toEqual([1, 2, 3]);
    expect(memory.byteLength).toBe(2 * PAGE);
    raw.grow(0);
    expect([...memory.copyOut({ pointer: PAGE + 8, byteLength: 3 })]).toEqual([1, 2, 3]);
  });

  test('an empty span is empty even where nothing is', () => {
    const memory = new GuestMemory(new WebAssembly.Memory({ initial: 0 }));
    expect(memory.copyOut({ pointer: 0xffff_ffff, byteLength: 0 })).toEqual(new Uint8Array(0));
    expect(memory.readText({ pointer: 12, byteLength: 0 })).toBe('');
    expect(memory.readExactText({ pointer: 12, byteLength: 0 })).toBe('');
    expect(() => memory.write(12, new Uint8Array(0))).not.toThrow();
    expect(memory.writeText(12, '', 0)).toBe(0);
  });

  test('the error names the span and the size of the memory', () => {
    const { memory } = filled();
    expect(() => memory.copyOut({ pointer: PAGE - 1, byteLength: 2 })).toThrow(
      expect.objectContaining({ pointer: PAGE - 1, byteLength: 2, memoryByteLength: PAGE }),
    );
  });

  test('text is UTF-8 with its byte order mark; broken bytes become U+FFFD, or nothing where exactness is asked', () => {
    const { memory } = filled();
    memory.write(0, new TextEncoder().encode('\ufeffgrün 🌲'));
    const good = { pointer: 0, byteLength: 13 };
    expect(memory.readText(good)).toBe('\ufeffgrün 🌲');
    expect(memory.readExactText(good)).toBe('\ufeffgrün 🌲');
    memory.write(0, Uint8Array.of(0x61, 0xff, 0x62));
    const broken = { pointer: 0, byteLength: 3 };
    expect(memory.readText(broken)).toBe('a\ufffdb');
    expect(memory.readExactText(broken)).toBeUndefined();
  });

  test('text is cut at a whole character where the capacity ends', () => {
    const { raw, memory } = filled();
    const before = new Uint8Array(raw.buffer)[3];
    expect(memory.writeText(0, 'aß🌲', 5)).toBe(3);
    expect(memory.readText({ pointer: 0, byteLength: 3 })).toBe('aß');
    expect(new Uint8Array(raw.buffer)[3]).toBe(before);
    expect(() => memory.writeText(PAGE - 1, 'ab', 2)).toThrow(SpanError);
  });

  test('numbers are little endian and checked too', () => {
    const { memory } = filled();
    memory.write(1, Uint8Array.of(0x01, 0x02, 0x03, 0x84));
    expect(memory.readUint32(1)).toBe(0x8403_0201);
    expect(() => memory.readUint32(PAGE - 3)).toThrow(SpanError);
  });

  test('a shared memory is read as any other, also after it grew', () => {
    const raw = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const memory = new GuestMemory(raw);
    raw.grow(1);
    memory.write(PAGE, new TextEncoder().encode('late'));
    expect(memory.readText({ pointer: PAGE, byteLength: 4 })).toBe('late');
    expect(memory.copyOut({ pointer: PAGE, byteLength: 4 }).buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('ensure grows to what is needed and says when it cannot', () => {
    const memory = new GuestMemory(new WebAssembly.Memory({ initial: 1, maximum: 3 }));
    expect(memory.ensure(PAGE)).toBe(true);
    expect(memory.byteLength).toBe(PAGE);
    expect(memory.ensure(PAGE + 1)).toBe(true);
    expect(memory.byteLength).toBe(2 * PAGE);
    expect(memory.ensure(4 * PAGE)).toBe(false);
    expect(memory.byteLength).toBe(2 * PAGE);
  });
});
