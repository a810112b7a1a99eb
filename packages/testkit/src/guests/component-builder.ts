import { signedLeb128, unsignedLeb128 } from './leb128.ts';

/** A type of WIT. Names are written as WIT has them; a resource is the index that defined it. */
export type WitType =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | { readonly list: WitType }
  | { readonly record: Readonly<Record<string, WitType>> }
  | { readonly tuple: readonly WitType[] }
  | { readonly variant: Readonly<Record<string, WitType | null>> }
  | { readonly enum: readonly string[] }
  | { readonly flags: readonly string[] }
  | { readonly option: WitType }
  | { readonly result: readonly [ok: WitType | null, err: WitType | null] }
  | { readonly own: number }
  | { readonly borrow: number };

/** The type of a function of WIT. */
export interface WitFunction {
  readonly params: Readonly<Record<string, WitType>>;
  readonly result?: WitType;
}

/** How values pass; indices are those of core functions and memories. */
export interface CanonicalOptions {
  readonly encoding?: 'utf8' | 'utf16' | 'latin1+utf16';
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
}

/**
 * What an imported instance has: functions by name, `null` for a resource, and a number for a type that is one of the component's own, by
 * its index. In its functions, handles name types of the instance: a resource takes one index, the other two.
 */
export type ImportedItems = Readonly<Record<string, WitFunction | number | null>>;

const PRIMITIVES = ['string', 'char', 'f64', 'f32', 'u64', 's64', 'u32', 's32', 'u16', 's16', 'u8', 's8', 'bool'];
const FIRST_PRIMITIVE = 0x73;
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const CORE_SORTS = { function: 0, table: 1, memory: 2, global: 3 } as const;
const ENCODINGS = { utf8: 0, utf16: 1, 'latin1+utf16': 2 } as const;

/**
 * Assembles a WebAssembly component, definition by definition; each answers the index that it has in its index space. Nothing is checked.
 * Source: component model, "Binary Format".
 */
export class ComponentBuilder {
  readonly #sections: number[][] = [];
  readonly #counts = { type: 0, func: 0, instance: 0, component: 0 };
  readonly #core = { function: 0, table: 0, memory: 0, global: 0, module: 0, instance: 0 };

  /** A section as it is; what it defines is not counted. */
  raw(id: number, content: readonly number[]): void {
    this.#sections.push(section(id, content));
  }

  coreModule(bytes: Uint8Array): number {
    this.raw(1, [...bytes]);
    return this.#core.module++;
  }

  /** An instance of a core module, which is given core instances by name. */
  coreInstance(module: number, imports: Readonly<Record<string, number>> = {}): number {
    const given = Object.entries(imports).map(([key, instance]) => [...name(key), 0x12, ...leb(instance)]);
    this.#one(2, [0, ...leb(module), ...list(given)]);
    return this.#core.instance++;
  }

  /** A core instance of core functions that are there already. */
  coreFunctions(functions: Readonly<Record<string, number>>): number {
    const exported = Object.entries(functions).map(([key, index]) => [...name(key), 0, ...leb(index)]);
    this.#one(2, [1, ...list(exported)]);
    return this.#core.instance++;
  }

  /** Something that a core instance exports. */
  coreAlias(sort: keyof typeof CORE_SORTS, instance: number, key: string): number {
    this.#one(6, [0, CORE_SORTS[sort], 1, ...leb(instance), ...name(key)]);
    return this.#core[sort]++;
  }

  /** A component inside this one. */
  component(bytes: Uint8Array): number {
    this.raw(4, [...bytes]);
    return this.#counts.component++;
  }

  /** An instance of a component, which is given functions and instances by name. */
  instance(
    component: number,
    args: Readonly<Record<string, { readonly func: number } | { readonly instance: number }>> = {},
  ): number {
    const given = Object.entries(args).map(([key, item]) => [
      ...name(key),
      ...('func' in item ? [1, ...leb(item.func)] : [5, ...leb(item.instance)]),
    ]);
    this.#one(5, [0, ...leb(component), ...list(given)]);
    return this.#counts.instance++;
  }

  /** An instance of functions that are there already. */
  functions(functions: Readonly<Record<string, number>>): number {
    return this.#exporting(1, functions);
  }

  /** An instance of instances that are there already. */
  instances(instances: Readonly<Record<string, number>>): number {
    return this.#exporting(5, instances);
  }

  #exporting(sort: number, items: Readonly<Record<string, number>>): number {
    const exported = Object.entries(items).map(([key, index]) => [0, ...name(key), sort, ...leb(index)]);
    this.#one(5, [1, ...list(exported)]);
    return this.#counts.instance++;
  }

  /** A function, or a type, that an instance exports. */
  alias(sort: 'func' | 'type', instance: number, key: string): number {
    this.#one(6, [sort === 'func' ? 1 : 3, 0, ...leb(instance), ...name(key)]);
    return this.#counts[sort]++;
  }

  /** Defines a type by its bytes. */
  typeBytes(bytes: readonly number[]): number {
    this.#one(7, bytes);
    return this.#counts.type++;
  }

  /** Defines a type. */
  type(type: WitType): number {
    return this.typeBytes(encodeType(type, (part) => this.#reference(part)));
  }

  functionType({ params, result }: WitFunction): number {
    const encoded = Object.entries(params).map(([key, type]) => [...name(key), ...this.#reference(type)]);
    return this.typeBytes([
      0x40,
      ...list(encoded),
      ...(result === undefined ? [1, 0] : [0, ...this.#reference(result)]),
    ]);
  }

  /** A type of resources of this component's own. */
  resource(destructor?: number): number {
    return this.typeBytes([0x3f, 0x7f, ...(destructor === undefined ? [0] : [1, ...leb(destructor)])]);
  }

  /** A core function as one of the component. */
  lift(core: number, type: number, options: CanonicalOptions = {}): number {
    this.#one(8, [0, 0, ...leb(core), ...encodeOptions(options), ...leb(type)]);
    return this.#counts.func++;
  }

  /** A function of the component as core code calls it. */
  lower(func: number, options: CanonicalOptions = {}): number {
    this.#one(8, [1, 0, ...leb(func), ...encodeOptions(options)]);
    return this.#core.function++;
  }

  /** A built-in core function for handles of a resource. */
  handleFunction(kind: 'new' | 'drop' | 'rep', resource: number): number {
    this.#one(8, [{ new: 2, drop: 3, rep: 4 }[kind], ...leb(resource)]);
    return this.#core.function++;
  }

  /** Imports an instance. */
  importInstance(key: string, items: ImportedItems): number {
    const inner = new InstanceType();
    for (const [item, type] of Object.entries(items)) inner.add(item, type);
    const type = this.typeBytes(inner.build());
    this.#one(10, [0, ...name(key), 5, ...leb(type)]);
    return this.#counts.instance++;
  }

  importFunction(key: string, type: number): number {
    this.#one(10, [0, ...name(key), 1, ...leb(type)]);
    return this.#counts.func++;
  }

  /** Exports something, which then has another index as well. */
  export(key: string, sort: 'func' | 'instance' | 'type', index: number): number {
    this.#one(11, [0, ...name(key), { func: 1, instance: 5, type: 3 }[sort], ...leb(index), 0]);
    return this.#counts[sort]++;
  }

  build(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([...PREAMBLE, ...this.#sections.flat()]);
  }

  #one(id: number, definition: readonly number[]): void {
    this.raw(id, [1, ...definition]);
  }

  #reference(type: WitType): number[] {
    return reference(type, () => this.type(type));
  }
}

/** The declarations of an instance's type, which has a type space of its own. */
class InstanceType {
  readonly #declarations: number[][] = [];
  #types = 0;

  add(key: string, type: WitFunction | number | null): void {
    if (typeof type === 'number') {
      this.#declarations.push([2, 3, 2, 1, ...leb(type)], [4, 0, ...name(key), 3, 0, ...leb(this.#types)]);
      this.#types += 2;
      return;
    }
    if (type === null) {
      this.#declarations.push([4, 0, ...name(key), 3, 1]);
      this.#types++;
      return;
    }
    const params = Object.entries(type.params).map(([param, one]) => [...name(param), ...this.#reference(one)]);
    const result = type.result === undefined ? [1, 0] : [0, ...this.#reference(type.result)];
    const index = this.#define([0x40, ...list(params), ...result]);
    this.#declarations.push([4, 0, ...name(key), 1, ...leb(index)]);
  }

  build(): number[] {
    return [0x42, ...list(this.#declarations)];
  }

  #define(bytes: readonly number[]): number {
    this.#declarations.push([1, ...bytes]);
    return this.#types++;
  }

  #reference(type: WitType): number[] {
    return reference(type, () => this.#define(encodeType(type, (part) => this.#reference(part))));
  }
}

function reference(type: WitType, define: () => number): number[] {
  if (typeof type === 'string') return [FIRST_PRIMITIVE + PRIMITIVES.indexOf(type)];
  return signedLeb128(BigInt(define()));
}

function encodeType(type: WitType, part: (type: WitType) => number[]): number[] {
  const optional = (one: WitType | null): number[] => (one === null ? [0] : [1, ...part(one)]);
  if (typeof type === 'string') return [FIRST_PRIMITIVE + PRIMITIVES.indexOf(type)];
  if ('list' in type) return [0x70, ...part(type.list)];
  if ('record' in type)
    return [0x72, ...list(Object.entries(type.record).map(([key, one]) => [...name(key), ...part(one)]))];
  if ('tuple' in type) return [0x6f, ...list(type.tuple.map(part))];
  if ('variant' in type)
    return [0x71, ...list(Object.entries(type.variant).map(([key, one]) => [...name(key), ...optional(one), 0]))];
  if ('enum' in type) return [0x6d, ...list(type.enum.map(name))];
  if ('flags' in type) return [0x6e, ...list(type.flags.map(name))];
  if ('option' in type) return [0x6b, ...part(type.option)];
  if ('result' in type) return [0x6a, ...optional(type.result[0]), ...optional(type.result[1])];
  return 'own' in type ? [0x69, ...leb(type.own)] : [0x68, ...leb(type.borrow)];
}

function encodeOptions({ encoding, memory, realloc, postReturn }: CanonicalOptions): number[] {
  const option = (form: number, index: number | undefined): number[][] =>
    index === undefined ? [] : [[form, ...leb(index)]];
  return list([
    ...(encoding === undefined ? [] : [[ENCODINGS[encoding]]]),
    ...option(3, memory),
    ...option(4, realloc),
    ...option(5, postReturn),
  ]);
}

const leb = unsignedLeb128;

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...leb(bytes.length), ...bytes];
}
