import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameError } from '../../../src/protocol/frame/frame-error.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { anyObjectText } from './any-frame.ts';

const read = (text: string): ObjectText => ObjectText.read(Buffer.from(text));
const textOf = (object: ObjectText): string => String(object.toBytes());

describe('the text of an object', () => {
  test('is written as it came', () => {
    const object = read(' { "a" : 1.0,\n"b":[ ] } ');
    expect(textOf(object)).toBe('{ "a" : 1.0,\n"b":[ ] }');
    expect(object.byteLength).toBe(22);
  });

  test('gives values by kind', () => {
    const object = read('{"s":"a\\n","n":1,"o":{"x":{}},"l":[{"y":1},2,[{}],{}],"z":null,"__proto__":{"p":1}}');
    expect(object.text('s')).toBe('a\n');
    expect(object.text('n')).toBeUndefined();
    expect(object.value('n')).toBe(1);
    expect(object.value('none')).toBeUndefined();
    expect(object.value('toString')).toBeUndefined();
    expect(object.value('z')).toBeNull();
    expect(object.object('o')?.object('x')?.byteLength).toBe(2);
    expect(object.object('l')).toBeUndefined();
    expect(object.list('l')?.map(textOf)).toEqual(['{"y":1}', '{}']);
    expect(object.list('o')).toBeUndefined();
    expect(object.has('__proto__')).toBe(true);
    expect(object.object('__proto__')?.value('p')).toBe(1);
    expect(ObjectText.EMPTY.has('__proto__')).toBe(false);
  });

  test('is edited in place, at the end, and inside', () => {
    const object = read('{ "a" : 1, "b":2 ,"c" : {"x":[1.0]} }');
    expect(textOf(object.with('b', Buffer.from('"é"')))).toBe('{ "a" : 1, "b":"é" ,"c" : {"x":[1.0]} }');
    expect(textOf(object.withValue('d\n', [1]))).toBe('{ "a" : 1, "b":2 ,"c" : {"x":[1.0]},"d\\n":[1]}');
    expect(textOf(object.without('a'))).toBe('{"b":2 ,"c" : {"x":[1.0]} }');
    expect(textOf(object.without('b'))).toBe('{ "a" : 1,"c" : {"x":[1.0]} }');
    expect(textOf(object.without('c', 'none'))).toBe('{ "a" : 1, "b":2}');
    expect(textOf(object.without('a', 'b', 'c'))).toBe('{}');
    expect(object.without('none')).toBe(object);
    expect(object.withValue('none', undefined)).toBe(object);
    const inner = object.object('c')?.withValue('y', 0) ?? ObjectText.EMPTY;
    expect(textOf(object.with('c', inner))).toBe('{ "a" : 1, "b":2 ,"c" : {"x":[1.0],"y":0} }');
    expect(object.with('c', inner).object('c')?.value('y')).toBe(0);
    expect(textOf(object)).toBe('{ "a" : 1, "b":2 ,"c" : {"x":[1.0]} }');
  });

  test('has one member where an edit names a key that came twice', () => {
    const object = read('{"a":1,"b":2,"a":3}');
    expect(object.value('a')).toBe(3);
    expect([...object.keys()]).toEqual(['a', 'b']);
    expect(textOf(object.withValue('a', 4))).toBe('{"a":4,"b":2}');
    expect(textOf(object.without('a'))).toBe('{"b":2}');
  });

  test('is made of a value as JSON writes it', () => {
    expect(textOf(ObjectText.from({ a: undefined, b: 'ü' }))).toBe('{"b":"ü"}');
    expect(textOf(ObjectText.EMPTY.withValue('a', 1).withValue('b', 2).withValue('a', 3))).toBe('{"a":3,"b":2}');
  });

  test('can be kept apart from the bytes that it came in', () => {
    const bytes = Buffer.from('{"a":{"b":1}}');
    const copy = ObjectText.read(bytes).withValue('c', 2).copy();
    bytes.fill(0);
    expect(copy.toValue()).toEqual({ a: { b: 1 }, c: 2 });
    expect(copy.object('a')?.value('b')).toBe(1);
  });

  test('is copied once, for however many keep it', () => {
    const object = read('{"a":1}');
    expect(object.copy()).not.toBe(object);
    expect(object.copy()).toBe(object.copy());
    expect(object.copy().copy()).toBe(object.copy());
  });

  test('has keys with escapes read as what they mean, whatever was parsed before', () => {
    JSON.parse('{"q":1,"n\\\\u0":1}');
    expect(read('{"o":{"q":1,"n\\u0061me":[{"\\u0071":{}}, []]}}').value('o')).toEqual({ q: 1, name: [{ q: {} }, []] });
    expect(read('{"q":1,"n\\u0061me" : -1.5e1 ,"__pr\\u006fto__":null}').toValue()).toEqual(
      Object.fromEntries([
        ['q', 1],
        ['name', -15],
        ['__proto__', null],
      ]),
    );
  });

  test('is refused where it is anything but one object', () => {
    for (const [text, rpcCode] of [
      ['[]', -32600],
      ['1', -32600],
      ['', -32700],
      ['{}{}', -32700],
      ['[', -32700],
    ] as const) {
      expect(() => read(text)).toThrow(expect.objectContaining({ rpcCode }));
    }
    expect(() => ObjectText.read(Buffer.from('{"a":{"b":1,"b":1}}'), { unique: true })).toThrow(FrameError);
  });

  test('gives after any edits what JavaScript gives, and leaves other members their bytes', () => {
    const key = fc.constantFrom('name', 'arguments', '_meta', 'a', 'b', '', '__proto__', 'text', 'é"');
    // JSON.stringify writes -0 as 0.
    const written = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
    const edit = fc.record({
      key,
      value: fc.option(written, { nil: undefined }),
      nested: fc.boolean(),
    });
    fc.assert(
      fc.property(anyObjectText(), fc.array(edit, { maxLength: 5 }), (text, edits) => {
        const original = ObjectText.read(text);
        let object = original;
        const expected = new Map(Object.entries(original.toValue()));
        for (const { key: name, value, nested } of edits) {
          const inside = nested ? object.object(name) : undefined;
          if (inside !== undefined) object = object.with(name, inside.withValue('inner', value ?? 0));
          else object = object.withValue(name, value);
          if (inside !== undefined) expected.set(name, withOwn(inside.toValue(), 'inner', value ?? 0));
          else if (value === undefined) expected.delete(name);
          else expected.set(name, value);
        }
        expect(new Map(Object.entries(object.toValue()))).toEqual(expected);
        expect(new Set(object.keys())).toEqual(new Set(expected.keys()));
        expect(object.byteLength).toBe(object.toBytes().length);
        const edited = new Set<string>(edits.map((item) => item.key));
        const again = ObjectText.read(object.toBytes());
        for (const name of original.keys()) {
          if (edited.has(name)) continue;
          expect(object.bytes(name)).toEqual(original.bytes(name));
          expect(again.bytes(name)).toEqual(original.bytes(name));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

function withOwn(object: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  return Object.fromEntries([...Object.entries(object).filter(([name]) => name !== key), [key, value]]);
}
