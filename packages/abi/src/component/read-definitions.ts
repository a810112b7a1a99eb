import type { CanonicalOptions, CoreSort, ItemSort, NamedItem, PlanStep } from './component-plan.ts';
import type { ComponentReader } from './component-reader.ts';
import { exportAt, notYet, outerAt, readDescription, readType, resourceAt } from './decode-types.ts';
import { type CoreSpace, type InstanceItem, type Scope, type ScopeItem, shapeOf } from './scope.ts';

const SORTS: Readonly<Record<number, ItemSort>> = { 1: 'function', 3: 'type', 4: 'component', 5: 'instance' };
const CORE_SPACES: Readonly<Record<number, CoreSpace>> = {
  0: 'function',
  1: 'table',
  2: 'memory',
  3: 'global',
  16: 'type',
  17: 'module',
  18: 'instance',
};
const ENCODINGS = ['utf8', 'utf16', 'latin1+utf16'] as const;

/** An instance of a core module, or of things that are there already. */
export function readCoreInstance(reader: ComponentReader, scope: Scope): PlanStep {
  const form = reader.byte();
  if (form > 1) reader.fail(`${form} is no known kind of core instance`);
  let step: PlanStep;
  if (form === 0) {
    const module = scope.coreIndex(reader, 'module');
    const imports = reader.vector(() => {
      const name = reader.name();
      if (reader.byte() !== 0x12) reader.fail('a core module can be given instances only');
      return { name, instance: scope.coreIndex(reader, 'instance') };
    });
    step = { step: 'core-instance', module, imports };
  } else {
    const exports = reader.vector(() => {
      const name = reader.name();
      const sort = readCoreSort(reader);
      return { name, sort, index: scope.coreIndex(reader, sort) };
    });
    step = { step: 'core-exports', exports };
  }
  scope.core.instance += 1;
  return step;
}

function readCoreSort(reader: ComponentReader): CoreSort {
  const space = CORE_SPACES[reader.byte()];
  switch (space) {
    case 'function':
    case 'table':
    case 'memory':
    case 'global':
      return space;
    default:
      return reader.fail('a core instance has something that is no function, table, memory or global');
  }
}

/** An instance of a component, or of things that are there already. */
export function readInstance(reader: ComponentReader, scope: Scope): PlanStep {
  const form = reader.byte();
  if (form > 1) reader.fail(`${form} is no known kind of instance`);
  if (form === 1) {
    const exports = new Map<string, ScopeItem>();
    const items = reader.vector(() => {
      const name = reader.externName();
      const { item, entry } = readItem(reader, scope, name);
      if (exports.has(name)) reader.fail('two things have one name');
      exports.set(name, entry);
      return item;
    });
    scope.instance.push({ exports });
    return { step: 'exports', exports: items };
  }
  const component = reader.u32();
  const { exports } = scope.at(reader, 'component', component).item as InstanceItem;
  const args = reader.vector(() => readItem(reader, scope, reader.boundedName()).item);
  scope.instance.push({ exports });
  return { step: 'instance', component, args };
}

function readItem(
  reader: ComponentReader,
  scope: Scope,
  name: string,
): { readonly item: NamedItem; readonly entry: ScopeItem } {
  const sort = readSort(reader);
  const index = reader.u32();
  const entry = scope.at(reader, sort, index);
  const resource = entry.sort === 'type' && entry.item.kind === 'resource' ? entry.item : undefined;
  return { item: { name, sort, index, ...(resource ? { resource } : {}) }, entry };
}

function readSort(reader: ComponentReader): ItemSort {
  const code = reader.byte();
  if (code === 0) reader.fail('core modules are passed from component to component, which is not supported');
  return SORTS[code] ?? reader.fail(`${code} is no known kind of thing`);
}

/** Something of an instance, or of a component further out. */
export function readAlias(reader: ComponentReader, scope: Scope): PlanStep | undefined {
  const code = reader.byte();
  if (code === 0) return readCoreAlias(reader, scope);
  const sort = SORTS[code] ?? reader.fail(`${code} is no known kind of thing`);
  const form = reader.byte();
  if (form === 0) {
    const start = reader.offset;
    scope.add(exportAt(reader, scope, sort));
    const again = reader.part(start, reader.end);
    const instance = again.u32();
    const name = again.boundedName();
    return { step: 'alias', sort, instance, name };
  }
  if (form !== 2) reader.fail(`${form} is no known kind of alias`);
  const { entry, scopes, index } = outerAt(reader, scope, sort);
  scope.add(entry);
  return sort === 'component' ? { step: 'outer-alias', sort, scopes, index } : undefined;
}

function readCoreAlias(reader: ComponentReader, scope: Scope): PlanStep | undefined {
  const space = CORE_SPACES[reader.byte()] ?? reader.fail('an alias is of no known kind');
  const form = reader.byte();
  if (form === 2) {
    const scopes = reader.u32();
    const index = reader.u32();
    const outer = scope.outward(reader, scopes);
    if ((space !== 'module' && space !== 'type') || index >= outer.core[space])
      reader.fail(`there is no core ${space} ${index} outside that could be had`);
    scope.core[space] += 1;
    return space === 'module' ? { step: 'outer-alias', sort: 'core-module', scopes, index } : undefined;
  }
  if (form !== 1) reader.fail(`${form} is no known kind of alias`);
  if (space === 'module' || space === 'type' || space === 'instance') reader.fail(`a core instance has no ${space}`);
  const instance = scope.coreIndex(reader, 'instance');
  const name = reader.name();
  scope.core[space] += 1;
  return { step: 'core-alias', sort: space, instance, name };
}

/** A type; those of resources are made anew in each instance. */
export function readDefinition(reader: ComponentReader, scope: Scope): PlanStep | undefined {
  if (reader.peek() !== 0x3f) {
    scope.type.push(readType(reader, scope));
    return undefined;
  }
  reader.skip(1);
  if (reader.byte() !== 0x7f) reader.fail('a resource stands for something else than an i32');
  const destructor = reader.option(() => scope.coreIndex(reader, 'function'));
  const resource = { kind: 'resource' as const, name: '' };
  scope.type.push(resource);
  return { step: 'resource', resource, ...(destructor === undefined ? {} : { destructor }) };
}

/** A function that passes the border between core code and components. */
export function readCanonical(reader: ComponentReader, scope: Scope): PlanStep {
  const form = reader.byte();
  if (form === 0) {
    if (reader.byte() !== 0) reader.fail('a lifted function is of no known kind');
    const core = scope.coreIndex(reader, 'function');
    const options = readOptions(reader, scope, true);
    const index = reader.u32();
    const type = scope.type[index];
    if (type?.kind !== 'function') reader.fail(`type ${index} is no function`);
    scope.function.push(type);
    return { step: 'lift', core, options, type };
  }
  if (form === 1) {
    if (reader.byte() !== 0) reader.fail('a lowered function is of no known kind');
    const func = reader.u32();
    scope.at(reader, 'function', func);
    const options = readOptions(reader, scope, false);
    scope.core.function += 1;
    return { step: 'lower', func, options };
  }
  const step = ([undefined, undefined, 'resource-new', 'resource-drop', 'resource-rep'] as const)[form];
  if (step === undefined) return reader.fail(notYet(`the asynchronous built-in function 0x${form.toString(16)}`));
  const resource = resourceAt(reader, scope, reader.u32());
  scope.core.function += 1;
  return { step, resource };
}

function readOptions(reader: ComponentReader, scope: Scope, isLift: boolean): CanonicalOptions {
  const options: { -readonly [K in keyof CanonicalOptions]: CanonicalOptions[K] } = { encoding: 'utf8' };
  reader.vector(() => {
    const form = reader.byte();
    const encoding = ENCODINGS[form];
    if (encoding !== undefined) options.encoding = encoding;
    else if (form === 3) options.memory = scope.coreIndex(reader, 'memory');
    else if (form === 4) options.realloc = scope.coreIndex(reader, 'function');
    else if (form === 5 && isLift) options.postReturn = scope.coreIndex(reader, 'function');
    else reader.fail(notYet(`the option 0x${form.toString(16)} of a function`));
  });
  return options;
}

/** What the component is to be given. */
export function readImport(reader: ComponentReader, scope: Scope): PlanStep {
  const name = reader.externName();
  const entry = readDescription(reader, scope, name);
  if (scope.imports.has(name)) reader.fail('two imports have one name');
  scope.imports.set(name, entry);
  scope.add(entry);
  return { step: 'import', name, item: shapeOf(reader, entry) };
}

/** What the component gives. */
export function readExport(reader: ComponentReader, scope: Scope): PlanStep {
  const name = reader.externName();
  const { item, entry } = readItem(reader, scope, name);
  reader.option(() => readDescription(reader, scope, name)); // what it is said to be; what it is counts
  if (scope.exports.has(name)) reader.fail('two exports have one name');
  // Those that are imported keep the names by which the host knows them.
  if (item.resource?.name === '') item.resource.name = name;
  scope.exports.set(name, entry);
  scope.add(entry);
  return { step: 'export', item };
}
