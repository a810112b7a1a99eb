/** The types without parts. */
export type Primitive =
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
  | 'string';

/** A type of handles, by its identity: two of them are the same only if they are the same object. */
export interface ResourceType {
  readonly kind: 'resource';
  /** What its first name in the component is. */
  name: string;
}

/** A named part of a type. */
export interface NamedType {
  readonly name: string;
  readonly type: ValueType;
}

/** A case of a variant; without a type it has no payload. */
export interface VariantCase {
  readonly name: string;
  readonly type?: ValueType;
}

/**
 * The type of a value, as WIT has it; plain data, so that it crosses threads.
 *
 * Values are: integers of up to 32 bits and floats as numbers, 64-bit integers as bigints, `char` as its code point, `list<u8>` as
 * bytes, records by the names of WIT, enums by name, flags as a number of bits, variants and results as `{ tag, val }`, an option
 * that is none as `undefined` (an option of an option as `{ tag, val }`), handles as what they stand for.
 */
export type ValueType =
  | { readonly kind: Primitive }
  | { readonly kind: 'record'; readonly fields: readonly NamedType[] }
  | { readonly kind: 'variant'; readonly cases: readonly VariantCase[] }
  | { readonly kind: 'list'; readonly element: ValueType }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueType[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly inner: ValueType }
  | { readonly kind: 'result'; readonly ok?: ValueType; readonly err?: ValueType }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceType };

/** The type of a function of a component. */
export interface FunctionType {
  readonly kind: 'function';
  readonly params: readonly NamedType[];
  readonly result?: ValueType;
}

/** The parts of which a type consists. */
export function partsOf(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'variant':
      return type.cases.flatMap((one) => one.type ?? []);
    case 'list':
      return [type.element];
    case 'tuple':
      return type.elements;
    case 'option':
      return [type.inner];
    case 'result':
      return [type.ok, type.err].flatMap((part) => part ?? []);
    default:
      return [];
  }
}

const resourcesOfTypes = new WeakMap<FunctionType, readonly ResourceType[]>();

/** The resources that a function takes or gives handles of. */
export function resourcesOf(type: FunctionType): readonly ResourceType[] {
  const known = resourcesOfTypes.get(type);
  if (known) return known;
  const found = new Set<ResourceType>();
  const look = (part: ValueType): void => {
    if (part.kind === 'own' || part.kind === 'borrow') found.add(part.resource);
    for (const inner of partsOf(part)) look(inner);
  };
  for (const param of type.params) look(param.type);
  if (type.result) look(type.result);
  const resources = [...found];
  resourcesOfTypes.set(type, resources);
  return resources;
}
