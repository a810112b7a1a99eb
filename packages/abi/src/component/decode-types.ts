import type { ComponentReader } from './component-reader.ts';
import { type InstanceItem, Scope, type ScopeItem, type TypeItem } from './scope.ts';
import { type FunctionType, type Primitive, partsOf, type ResourceType, type ValueType } from './value-type.ts';

const PRIMITIVES: Readonly<Record<number, Primitive>> = {
  127: 'bool',
  126: 's8',
  125: 'u8',
  124: 's16',
  123: 'u16',
  122: 's32',
  121: 'u32',
  120: 's64',
  119: 'u64',
  118: 'f32',
  117: 'f64',
  116: 'char',
  115: 'string',
};
const SORTS: Readonly<Record<number, ScopeItem['sort']>> = { 1: 'function', 3: 'type', 4: 'component', 5: 'instance' };

/** What is not in WASI 0.2, by the byte that stands for it. */
const LATER: Readonly<Record<number, string>> = {
  103: 'a list of fixed length',
  102: 'a stream',
  101: 'a future',
  100: 'an error context',
  99: 'a map',
  67: 'an asynchronous function',
  62: 'an asynchronous destructor',
};

/** Nesting of types, and the parts of one type when all of it is written out: schemas and answers are of this size. */
const DEEPEST_TYPE = 64;
const MOST_PARTS = 10_000;
const MOST_NAMES = 10_000;
/** As the component model has it. */
const MOST_FLAGS = 32;
const DEEPEST_SCOPE = 32;

/** How large value types are, with all of their parts. */
const sizes = new WeakMap<ValueType, { readonly parts: number; readonly depth: number }>();

/** Parts of a type and of all that it consists of. */
export function partCount(type: ValueType): number {
  return sizes.get(type)?.parts ?? 1;
}

/** Reads the definition of a type. @throws ABI_BAD_MODULE */
export function readType(reader: ComponentReader, scope: Scope): TypeItem {
  reader.count();
  const start = reader.offset;
  const form = reader.byte();
  const primitive = PRIMITIVES[form];
  if (primitive !== undefined) return { kind: primitive };
  if (form === 0x40) return readFunction(reader, scope);
  if (form === 0x42) return readInstanceType(reader, scope);
  if (form === 0x41) {
    readDeclarations(reader, new Scope(scope), true);
    return { kind: 'component' };
  }
  if (form === 0x3f) reader.fail('a type of resources is defined in a type');
  const type = readCompound(reader, scope, form);
  if (type) return measured(reader, type);
  const later = LATER[form];
  reader.offset = start;
  return reader.fail(later ? notYet(later) : `0x${form.toString(16)} is no known type`);
}

/** How something is refused that came after WASI 0.2. */
export function notYet(what: string): string {
  return `it has ${what}, which is not part of WASI 0.2`;
}

function readCompound(reader: ComponentReader, scope: Scope, form: number): ValueType | undefined {
  const value = (): ValueType => readValueType(reader, scope);
  switch (form) {
    case 0x72: {
      const fields = reader.vector(() => ({ name: reader.label(), type: value() }));
      reader.distinct(
        fields.map(({ name }) => name),
        MOST_NAMES,
      );
      return { kind: 'record', fields };
    }
    case 0x71: {
      const cases = reader.vector(() => {
        const name = reader.label();
        const type = reader.option(value);
        reader.option(() => reader.u32()); // what it once refined
        return { name, ...(type ? { type } : {}) };
      });
      reader.distinct(
        cases.map(({ name }) => name),
        MOST_NAMES,
      );
      return { kind: 'variant', cases };
    }
    case 0x70:
      return { kind: 'list', element: value() };
    case 0x6f: {
      const elements = reader.vector(value);
      if (elements.length === 0) reader.fail('a type has no parts');
      return { kind: 'tuple', elements };
    }
    case 0x6e:
      return { kind: 'flags', names: reader.labels(MOST_FLAGS) };
    case 0x6d:
      return { kind: 'enum', names: reader.labels(MOST_NAMES) };
    case 0x6b:
      return { kind: 'option', inner: value() };
    case 0x6a: {
      const ok = reader.option(value);
      const err = reader.option(value);
      return { kind: 'result', ...(ok ? { ok } : {}), ...(err ? { err } : {}) };
    }
    case 0x69:
    case 0x68:
      return { kind: form === 0x69 ? 'own' : 'borrow', resource: resourceAt(reader, scope, reader.u32()) };
    default:
      return undefined;
  }
}

/** A type as part of another one: a primitive, or the index of one that was defined before. */
function readValueType(reader: ComponentReader, scope: Scope): ValueType {
  const first = reader.peek();
  const primitive = PRIMITIVES[first];
  if (primitive !== undefined) {
    reader.skip(1);
    return { kind: primitive };
  }
  if (first === 0x64) reader.fail(notYet('an error context'));
  const type = scope.type[reader.typeIndex()];
  if (type === undefined) return reader.fail('there is no such type yet');
  switch (type.kind) {
    case 'function':
    case 'resource':
    case 'instance':
    case 'component':
      return reader.fail(`a value cannot be of the type of ${type.kind}s`);
    default:
      return type;
  }
}

/** @throws ABI_BAD_MODULE unless there is such a type of resources */
export function resourceAt(reader: ComponentReader, scope: Scope, index: number): ResourceType {
  const type = scope.type[index];
  return type?.kind === 'resource' ? type : reader.fail(`type ${index} is no resource`);
}

function readFunction(reader: ComponentReader, scope: Scope): FunctionType {
  const params = reader.vector(() => ({ name: reader.label(), type: readValueType(reader, scope) }));
  if (params.length > 0) {
    reader.distinct(
      params.map(({ name }) => name),
      MOST_NAMES,
    );
  }
  const result = reader.byte() === 0 ? readValueType(reader, scope) : undefined;
  if (result === undefined && reader.u32() > 0) reader.fail('a function has several results, which WASI 0.2 has not');
  return { kind: 'function', params, ...(result ? { result } : {}) };
}

/** Its first use is what was read; each further one is read again, so that its resources are its own. */
function readInstanceType(reader: ComponentReader, scope: Scope): TypeItem {
  const start = reader.offset;
  const make = (from: ComponentReader): InstanceItem => {
    const inner = new Scope(scope);
    readDeclarations(from, inner, false);
    return { exports: inner.exports };
  };
  let first: InstanceItem | undefined = make(reader);
  return {
    kind: 'instance',
    make: () => {
      const made = first ?? make(reader.part(start, reader.end));
      first = undefined;
      return made;
    },
  };
}

function readDeclarations(reader: ComponentReader, scope: Scope, mayImport: boolean): void {
  requireShallow(reader, scope);
  reader.vector(() => {
    const form = reader.byte();
    if (form === 0) reader.fail('a core type is declared in a type');
    if (form === 1) scope.type.push(readType(reader, scope));
    else if (form === 2) readTypeAlias(reader, scope);
    else if (form === 4 || (form === 3 && mayImport)) {
      const name = reader.externName();
      const entry = readDescription(reader, scope, name);
      const named = form === 4 ? scope.exports : scope.imports;
      if (named.has(name)) reader.fail('two things have one name');
      named.set(name, entry);
      scope.add(entry);
    } else reader.fail(`${form} is no known kind of declaration`);
  });
}

/** @throws ABI_BAD_MODULE when components or types are inside one another too often */
export function requireShallow(reader: ComponentReader, scope: Scope): void {
  let depth = 0;
  for (let outer = scope.parent; outer; outer = outer.parent) depth += 1;
  if (depth > DEEPEST_SCOPE) reader.fail(`more than ${DEEPEST_SCOPE} components or types are inside one another`);
}

function readTypeAlias(reader: ComponentReader, scope: Scope): void {
  const sort = SORTS[reader.byte()];
  const form = reader.byte();
  if (sort === undefined || (form !== 0 && form !== 2)) reader.fail('an alias in a type is of no known kind');
  scope.add(form === 0 ? exportAt(reader, scope, sort) : outerAt(reader, scope, sort).entry);
}

/** An export of an instance, as the reader's next bytes name it. */
export function exportAt(reader: ComponentReader, scope: Scope, sort: ScopeItem['sort']): ScopeItem {
  const instance = scope.at(reader, 'instance', reader.u32()).item as InstanceItem;
  const entry = instance.exports.get(reader.boundedName());
  return entry?.sort === sort ? entry : reader.fail(`an instance has no such ${sort}`);
}

/** An item of a component further out. Where it is is said as well: of components that matters at run time. */
export function outerAt(
  reader: ComponentReader,
  scope: Scope,
  sort: ScopeItem['sort'],
): { readonly entry: ScopeItem; readonly scopes: number; readonly index: number } {
  const scopes = reader.u32();
  const index = reader.u32();
  if (sort !== 'type' && sort !== 'component') reader.fail(`a ${sort} cannot be taken from outside`);
  return { entry: scope.outward(reader, scopes).at(reader, sort, index), scopes, index };
}

/** What an import, or an export of a type, is said to be. */
export function readDescription(reader: ComponentReader, scope: Scope, name: string): ScopeItem {
  const form = reader.byte();
  if (form === 0x00) reader.fail('it imports a core module; compose it with that one first');
  if (form === 0x02) reader.fail('it imports a value, which is not part of WASI 0.2');
  if (form === 0x03) {
    const bound = reader.byte();
    if (bound === 1) return { sort: 'type', item: { kind: 'resource', name } };
    if (bound !== 0) reader.fail(`${bound} is no known bound of a type`);
    return scope.at(reader, 'type', reader.u32());
  }
  const index = reader.u32();
  const type = scope.type[index];
  if (form === 0x01 && type?.kind === 'function') return { sort: 'function', item: type };
  if (form === 0x05 && type?.kind === 'instance') return { sort: 'instance', item: type.make() };
  if (form === 0x04 && type?.kind === 'component') return { sort: 'component', item: { exports: new Map() } };
  return reader.fail(`type ${index} is not of the kind that is asked for`);
}

function measured(reader: ComponentReader, type: ValueType): ValueType {
  let parts = 1;
  let depth = 0;
  for (const part of partsOf(type)) {
    const size = sizes.get(part);
    parts += size?.parts ?? 1;
    depth = Math.max(depth, size?.depth ?? 0);
  }
  if (type.kind === 'enum' || type.kind === 'flags') parts += type.names.length;
  if (depth >= DEEPEST_TYPE) reader.fail(`a type is nested more than ${DEEPEST_TYPE} times`);
  if (parts > MOST_PARTS) reader.fail(`a type has more than ${MOST_PARTS} parts`);
  sizes.set(type, { parts, depth: depth + 1 });
  return type;
}
