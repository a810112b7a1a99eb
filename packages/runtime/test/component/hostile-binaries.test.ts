import { inspectModule, LockgateError } from '@lockgate/abi';
import { ComponentBuilder, componentGuest, type WitType } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { leb } from './core-module.ts';

type Build = (component: ComponentBuilder) => void;

const nested = (depth: number): Uint8Array => {
  const component = new ComponentBuilder();
  if (depth > 0) component.component(nested(depth - 1));
  return component.build();
};
const deep = (depth: number): WitType => (depth === 0 ? 'u8' : { list: deep(depth - 1) });
const name = (text: string): number[] => [...leb(text.length), ...new TextEncoder().encode(text)];

const REFUSED: readonly (readonly [what: string, build: Build, problem: RegExp])[] = [
  ['a section that is longer than the file', (c) => c.raw(7, []), /ends too early/],
  ['more items than there are bytes', (c) => c.raw(7, [0xff, 0xff, 0xff, 0xff, 0x0f]), /do not fit into what is left/],
  ['a section with something behind its items', (c) => c.raw(7, [0, 0]), /longer than what is in it/],
  ['40 components inside one another', (c) => void c.component(nested(40)), /inside one another/],
  ['types that are nested 80 times', (c) => void c.type(deep(80)), /nested more than 64 times/],
  [
    'a type that doubles 20 times',
    (c) => {
      let last = c.typeBytes([0x6f, 2, 0x7d, 0x7d]);
      for (let times = 0; times < 20; times++) last = c.typeBytes([0x6f, 2, ...leb(last), ...leb(last)]);
    },
    /more than 10000 parts/,
  ],
  ['a type that is not there yet', (c) => void c.typeBytes([0x70, 5]), /no such type yet/],
  ['a type that is itself', (c) => void c.typeBytes([0x70, 0]), /no such type yet/],
  [
    'a value that is a function',
    (c) => void c.typeBytes([0x70, ...leb(c.functionType({ params: {} }))]),
    /cannot be of the type of functions/,
  ],
  ['a field called __proto__', (c) => void c.typeBytes([0x72, 1, ...name('__proto__'), 0x7d]), /not in kebab-case/],
  ['two fields of one name', (c) => void c.typeBytes([0x6d, 2, ...name('a'), ...name('A')]), /two parts of one name/],
  ['33 flags', (c) => void c.type({ flags: Array.from({ length: 33 }, (_, at) => `f${at}`) }), /33 parts; at most 32/],
  ['a record without fields', (c) => void c.type({ record: {} }), /no parts/],
  ['a tuple without values', (c) => void c.type({ tuple: [] }), /no parts/],
  ['a name that is not UTF-8', (c) => void c.typeBytes([0x6d, 1, 1, 0xff]), /not UTF-8/],
  ['a name of 5,000 bytes', (c) => void c.typeBytes([0x6d, 1, ...name('a'.repeat(5_000))]), /longer than 4096/],
  ['a name that is empty', (c) => c.raw(10, [1, 0, 0, 1, 0]), /a name is empty/],
  ['something that is there or not or neither', (c) => void c.typeBytes([0x6a, 2, 0x7d]), /neither that something/],
  ['a section that nobody knows', (c) => c.raw(12, [0]), /no known section/],
  ['a start function', (c) => c.raw(9, [0, 0, 0]), /not part of WASI 0.2/],
  ['a core type', (c) => c.raw(3, [1, 0x60, 0, 0]), /core types/],
  ['a stream', (c) => void c.typeBytes([0x66, 1, 0x7d]), /a stream, which is not part of WASI 0.2/],
  ['a future', (c) => void c.typeBytes([0x65, 0]), /a future, which is not part/],
  ['a map', (c) => void c.typeBytes([0x63, 0x73, 0x73]), /a map, which is not part/],
  ['a list of fixed length', (c) => void c.typeBytes([0x67, 0x7d, 4]), /fixed length, which is not part/],
  ['an asynchronous function', (c) => void c.typeBytes([0x43, 0, 1, 0]), /asynchronous function, which is not part/],
  ['a function with two results', (c) => void c.typeBytes([0x40, 0, 1, 2, 1, 0x61, 0x7d]), /several results/],
  ['a built-in function of WASI 0.3', (c) => c.raw(8, [1, 0x1f, 0]), /asynchronous built-in function 0x1f/],
  ['a function that is lifted out of nothing', (c) => c.raw(8, [1, 0, 0, 7, 0, 0]), /no core function 7/],
  [
    'an option that asks for a callback',
    (c) => {
      c.functionType({ params: {} });
      const core = c.coreInstance(c.coreModule(Uint8Array.of(0)));
      c.coreAlias('function', core, 'f');
      c.raw(8, [1, 0, 0, 0, 1, 7, 0, 0]);
    },
    /the option 0x7 of a function, which is not part/,
  ],
  ['a resource that stands for an i64', (c) => void c.typeBytes([0x3f, 0x7e, 0]), /something else than an i32/],
  ['an own handle of what is no resource', (c) => void c.typeBytes([0x69, ...leb(c.type('u8'))]), /is no resource/],
  ['something of a component further out than there is', (c) => c.raw(6, [1, 3, 2, 9, 0]), /not inside 9 others/],
  [
    'an export of an instance that has none',
    (c) => {
      c.importInstance('wasi:cli/environment@0.2.0', {});
      c.alias('func', 0, 'none');
    },
    /has no such function/,
  ],
  ['an import of a core module', (c) => c.raw(10, [1, 0, ...name('m'), 0, 0x11, 0]), /imports a core module/],
  ['an import of a value', (c) => c.raw(10, [1, 0, ...name('v'), 2, 0, 0]), /imports a value/],
  [
    'two imports of one name',
    (c) => {
      c.importInstance('wasi:cli/exit@0.2.0', {});
      c.importInstance('wasi:cli/exit@0.2.0', {});
    },
    /two imports have one name/,
  ],
  [
    'two exports of one name',
    (c) => {
      const type = c.type('u8');
      c.export('a', 'type', type);
      c.export('a', 'type', type);
    },
    /two exports have one name/,
  ],
];

describe('a component that is not as it should be is refused, with the place and the reason', () => {
  test.each(REFUSED)('%s', (_what, build, problem) => {
    const component = new ComponentBuilder();
    build(component);
    const bytes = component.build();
    // The first case is about the length of a section, which the builder writes rightly.
    const given = _what.startsWith('a section that is longer') ? bytes.with(bytes.length - 1, 9) : bytes;
    expect(() => inspectModule(given)).toThrow(
      expect.objectContaining({ code: 'ABI_BAD_MODULE', problem: expect.stringMatching(problem) }),
    );
  });

  test('whatever single byte of it is another one', () => {
    const bytes = componentGuest();
    for (let index = 0; index < bytes.length; index++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        try {
          inspectModule(bytes.with(index, byte));
        } catch (error) {
          if (!LockgateError.isInstance(error)) throw error;
        }
      }
    }
  });
});
