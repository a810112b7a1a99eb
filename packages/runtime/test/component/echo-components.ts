import { ComponentBuilder, type WitType } from '@lockgate/testkit';
import { type CoreFunction, coreModule, type FlatType, i32Const, leb, store32 } from './core-module.ts';

/** So many parameters of 32 bits more make a function take all of them in memory. */
const PADS = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`pad${index}`, 'u32' as const]));
/** The arguments for them. */
export const PAD_VALUES = Object.fromEntries(Object.keys(PADS).map((name) => [name, 0]));
/** Where answers that are a pointer and a length are put, and where core values are dumped. */
const ANSWER = 64;
const DUMP = 1_024;

/**
 * A component whose functions pass a value `x` of one type through memory. `image` answers the bytes of the value, `value` makes one of bytes,
 * and `echo` gives back what it got.
 */
export function memoryComponent(
  type: WitType,
  size: number,
  encoding: 'utf8' | 'utf16' | 'latin1+utf16' = 'utf8',
): Uint8Array<ArrayBuffer> {
  const functions: readonly CoreFunction[] = [
    {
      name: 'image',
      params: ['i32'],
      results: ['i32'],
      code: [...store32(ANSWER, [0x20, 0]), ...store32(ANSWER + 4, i32Const(size)), ...i32Const(ANSWER)],
    },
    { name: 'value', params: ['i32', 'i32'], results: ['i32'], code: [0x20, 0] },
    { name: 'echo', params: ['i32'], results: ['i32'], code: [0x20, 0] },
  ];
  const component = new ComponentBuilder();
  const instance = component.coreInstance(component.coreModule(coreModule({ functions })));
  const options = {
    encoding,
    memory: component.coreAlias('memory', instance, 'memory'),
    realloc: component.coreAlias('function', instance, 'realloc'),
  };
  const boxed: WitType = { tuple: [type, ...Object.values(PADS)] };
  const types = {
    image: { params: { x: type, ...PADS }, result: { list: 'u8' } as WitType },
    // A tuple of one lies as its only part does, and is always answered in memory if there is another part.
    value: { params: { bytes: { list: 'u8' } as WitType }, result: { tuple: [type, 'u8', 'u64'] } as WitType },
    echo: { params: { x: type, ...PADS }, result: boxed },
  };
  for (const [name, shape] of Object.entries(types)) {
    const core = component.coreAlias('function', instance, name);
    component.export(name, 'func', component.lift(core, component.functionType(shape), options));
  }
  return component.build();
}

const TO_I64: Readonly<Record<FlatType, readonly number[]>> = {
  i32: [0xad],
  i64: [],
  f32: [0xbc, 0xad],
  f64: [0xbd],
};

/** A component that passes a value as core values to one inside it, whose function `dump` answers each of them as eight bytes. */
export function flatComponent(type: WitType, flat: readonly FlatType[]): Uint8Array<ArrayBuffer> {
  const shape = { params: { x: type }, result: { list: 'u8' } as WitType };
  const stores = flat.flatMap((core, index) => [
    ...i32Const(DUMP + index * 8),
    0x20,
    ...leb(index),
    ...TO_I64[core],
    0x37,
    3,
    0,
  ]);
  const code = [
    ...stores,
    ...store32(ANSWER, i32Const(DUMP)),
    ...store32(ANSWER + 4, i32Const(flat.length * 8)),
    ...i32Const(ANSWER),
  ];
  const inner = new ComponentBuilder();
  const dumping = inner.coreInstance(
    inner.coreModule(coreModule({ functions: [{ name: 'dump', params: flat, results: ['i32'], code }] })),
  );
  const memory = inner.coreAlias('memory', dumping, 'memory');
  const dump = inner.coreAlias('function', dumping, 'dump');
  const realloc = inner.coreAlias('function', dumping, 'realloc');
  inner.export('dump', 'func', inner.lift(dump, inner.functionType(shape), { memory, realloc }));

  const outer = new ComponentBuilder();
  const inside = outer.instance(outer.component(inner.build()));
  const dumped = outer.alias('func', inside, 'dump');
  // The memory that the lowered function needs belongs to a module that needs the function: one of its own breaks the circle.
  const heap = outer.coreInstance(outer.coreModule(coreModule({ functions: [] })));
  const options = {
    memory: outer.coreAlias('memory', heap, 'memory'),
    realloc: outer.coreAlias('function', heap, 'realloc'),
  };
  const lowered = outer.lower(dumped, options);
  const passing = coreModule({
    imports: [{ name: 'dump', params: [...flat, 'i32'], results: [] }],
    functions: [
      {
        name: 'pass',
        params: flat,
        results: ['i32'],
        code: [...flat.flatMap((_, index) => [0x20, ...leb(index)]), ...i32Const(ANSWER), 0x10, 0, ...i32Const(ANSWER)],
      },
    ],
  });
  const host = outer.coreFunctions({ dump: lowered });
  const instance = outer.coreInstance(outer.coreModule(passing), { host });
  const core = outer.coreAlias('function', instance, 'pass');
  outer.export('dump', 'func', outer.lift(core, outer.functionType(shape), options));
  return outer.build();
}
