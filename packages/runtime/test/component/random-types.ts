import type { WitType } from '@lockgate/testkit';
import fc from 'fast-check';

const NUMBERS = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64', 'bool', 'char'] as const;
/** Of one to four bytes in UTF-8, without halves of pairs. */
const CHARACTERS = fc
  .oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0x100, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

/** Types without pointers, so that they can be compared byte by byte; with them where it is asked for. */
export function witTypes(withPointers: boolean): fc.Arbitrary<WitType> {
  const leaves: fc.Arbitrary<WitType>[] = [
    fc.constantFrom(...NUMBERS),
    fc.integer({ min: 1, max: 32 }).map((count) => ({ flags: names(count) })),
    fc.integer({ min: 1, max: 300 }).map((count) => ({ enum: names(Math.min(count, 250)) })),
  ];
  if (withPointers) leaves.push(fc.constant<WitType>('string'), fc.constant<WitType>({ list: 'u8' }));
  const { type } = fc.letrec<{ type: WitType }>((tie) => {
    const part = tie('type');
    const parts = fc.array(part, { minLength: 1, maxLength: 4 });
    const payload = fc.option(part, { nil: null });
    return {
      type: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.oneof(...leaves),
        parts.map((list) => ({ tuple: list })),
        parts.map((list) => ({ record: Object.fromEntries(list.map((one, index) => [`f${index}`, one])) })),
        fc.array(payload, { minLength: 1, maxLength: 4 }).map((list) => ({
          variant: Object.fromEntries(list.map((one, index) => [`c${index}`, one])),
        })),
        part.map((one) => ({ option: one })),
        fc.tuple(payload, payload).map((pair) => ({ result: pair })),
        ...(withPointers ? [part.map((one) => ({ list: one }))] : []),
      ),
    };
  });
  return type;
}

/** Values of a type, as JSON has them. */
export function valuesOf(type: WitType): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return numbersOf(type);
  if ('list' in type) return fc.array(valuesOf(type.list), { maxLength: 5 });
  if ('tuple' in type) return fc.tuple(...type.tuple.map(valuesOf));
  if ('record' in type)
    return fc
      .record(Object.fromEntries(Object.entries(type.record).map(([name, one]) => [name, valuesOf(one)])))
      .map((one) => ({ ...one }));
  if ('flags' in type) return fc.subarray([...type.flags]);
  if ('enum' in type) return fc.constantFrom(...type.enum);
  if ('variant' in type) {
    return fc.oneof(
      ...Object.entries(type.variant).map(([tag, one]) =>
        one === null ? fc.constant({ tag }) : valuesOf(one).map((val) => ({ tag, val })),
      ),
    );
  }
  if ('option' in type) {
    const inner = valuesOf(type.option);
    const isNested = typeof type.option === 'object' && 'option' in type.option;
    if (isNested)
      return fc.oneof(
        fc.constant({ tag: 'none' }),
        inner.map((val) => ({ tag: 'some', val })),
      );
    return fc.option(inner, { nil: null });
  }
  if (!('result' in type)) throw new TypeError('no handles');
  const [ok, err] = type.result;
  return fc.oneof(
    (ok === null ? fc.constant(null) : valuesOf(ok)).map((val) => ({ ok: val })),
    (err === null ? fc.constant(null) : valuesOf(err)).map((val) => ({ err: val })),
  );
}

function numbersOf(type: Extract<WitType, string>): fc.Arbitrary<unknown> {
  const whole = (min: bigint, max: bigint): fc.Arbitrary<unknown> =>
    fc.bigInt({ min, max }).map((value) => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    });
  switch (type) {
    case 'bool':
      return fc.boolean();
    case 'char':
      return CHARACTERS;
    case 'string':
      return fc.array(CHARACTERS, { maxLength: 12 }).map((list) => list.join(''));
    case 'f32':
      return fc.float({ noNaN: true }).map(asJson);
    case 'f64':
      return fc.double({ noNaN: true }).map(asJson);
    default: {
      const bits = BigInt(type.slice(1));
      return type.startsWith('u') ? whole(0n, 2n ** bits - 1n) : whole(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n);
    }
  }
}

/** JSON has no minus zero. */
function asJson(value: number): unknown {
  return Number.isFinite(value) ? value + 0 || 0 : String(value);
}
