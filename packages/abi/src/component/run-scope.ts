import type { ComponentFunction } from './canonical-functions.ts';
import type { ComponentPlan, InstanceShape, NamedItem, ShapeItem } from './component-plan.ts';
import type { ComponentInstance } from './crossing.ts';
import type { OpenHandles, Resource } from './handles.ts';
import { type ResourceType, resourcesOf } from './value-type.ts';

/** An item of an instance, by its name. */
export type LinkedItem =
  | { readonly sort: 'function'; readonly func: ComponentFunction }
  | { readonly sort: 'type'; readonly type?: ResourceType; readonly resource?: Resource }
  | { readonly sort: 'instance'; readonly exports: ReadonlyMap<string, LinkedItem> }
  | { readonly sort: 'component'; readonly plan: ComponentPlan; readonly scope: RunScope };

type Exports = ReadonlyMap<string, LinkedItem>;
type SeenShapes = Map<InstanceShape, Set<Exports>>;

/** The index spaces of one instance of a component. */
export class RunScope {
  readonly instance: ComponentInstance & { readonly resources: Map<ResourceType, Resource> };
  readonly parent: RunScope | undefined;
  readonly function: LinkedItem[] = [];
  readonly instanceItems: LinkedItem[] = [];
  readonly component: LinkedItem[] = [];
  readonly modules: number[] = [];
  readonly coreInstances: Readonly<Record<string, WebAssembly.ExportValue>>[] = [];
  readonly core: Record<'function' | 'table' | 'memory' | 'global', WebAssembly.ExportValue[]> = {
    function: [],
    table: [],
    memory: [],
    global: [],
  };
  readonly exports: Map<string, LinkedItem> = new Map();
  /** Instances whose resources are known: they may lead to one another in more ways than can be gone. */
  readonly adopted: Set<Exports> = new Set();

  constructor(parent: RunScope | undefined, handles: OpenHandles) {
    this.parent = parent;
    const resources = new Map(parent?.instance.resources);
    this.instance = { handles: handles.table(), resources, mayEnter: true, mayLeave: true };
  }

  add(item: LinkedItem): void {
    if (item.sort === 'function') this.function.push(item);
    else if (item.sort === 'instance') this.instanceItems.push(item);
    else if (item.sort === 'component') this.component.push(item);
  }

  at({ sort, index, resource: type }: Omit<NamedItem, 'name'>): LinkedItem {
    if (sort === 'type') {
      const resource = type && this.instance.resources.get(type);
      return resource ? { sort, type: type as ResourceType, resource } : { sort };
    }
    const item = (sort === 'instance' ? this.instanceItems : this[sort])[index];
    return item ?? fail(`there is no ${sort} ${index}`);
  }
}

/**
 * The resources of an argument are those that the importing instance means.
 *
 * @param seen - What has been bound: instances may lead to one another in more ways than can be gone.
 */
export function bind(scope: RunScope, shape: ShapeItem, item: LinkedItem, seen: SeenShapes = new Map()): void {
  if (shape.sort === 'type' && item.sort === 'type') {
    if (shape.resource === undefined) return;
    scope.instance.resources.set(shape.resource, item.resource ?? fail('a type is given that is no resource'));
  } else if (shape.sort === 'instance' && item.sort === 'instance') {
    const bound = seen.get(shape.shape) ?? new Set();
    if (bound.has(item.exports)) return;
    seen.set(shape.shape, bound.add(item.exports));
    for (const [name, inner] of shape.shape.items) {
      const given = item.exports.get(name) ?? fail(`an instance is given without "${name}"`);
      if (given.sort !== inner.sort) fail(`"${name}" is given as ${given.sort}, not as ${inner.sort}`);
      bind(scope, inner, given, seen);
    }
  }
}

/** The resources of an instance are known to whoever made it. Of two instances they would be mistaken for one another. */
export function adopt(scope: RunScope, item: LinkedItem): void {
  if (item.sort === 'instance' && !scope.adopted.has(item.exports)) {
    scope.adopted.add(item.exports);
    for (const inner of item.exports.values()) adopt(scope, inner);
  }
  if (item.sort !== 'type' || item.type === undefined || item.resource === undefined) return;
  const known = scope.instance.resources.get(item.type);
  if (known !== undefined && known !== item.resource)
    fail('it makes two instances of a component that exports resources');
  scope.instance.resources.set(item.type, item.resource);
}

/** Whoever calls a function knows the resources in its type, also those that the two of them have from a third. */
export function meet(scope: RunScope, { type, resources }: ComponentFunction): void {
  for (const resource of resourcesOf(type)) {
    const meant = resources.get(resource);
    if (meant === undefined) continue; // a call that has one of them traps
    const known = scope.instance.resources.get(resource);
    if (known !== undefined && known !== meant)
      fail('functions are called of two instances of a component, of which each has other resources');
    scope.instance.resources.set(resource, meant);
  }
}

/** @throws WebAssembly.LinkError unless there is such an item, of that sort */
export function coreAt(
  scope: RunScope,
  sort: 'function' | 'table' | 'memory' | 'global',
  index: number,
): WebAssembly.ExportValue {
  const value = scope.core[sort][index] ?? fail(`there is no core ${sort} ${index}`);
  if (!isOfSort(value, sort)) fail(`core ${sort} ${index} is something else`);
  return value;
}

function isOfSort(value: WebAssembly.ExportValue, sort: 'function' | 'table' | 'memory' | 'global'): boolean {
  switch (sort) {
    case 'function':
      return typeof value === 'function' || isSuspending(value);
    case 'memory':
      return value instanceof WebAssembly.Memory;
    case 'table':
      return value instanceof WebAssembly.Table;
    default:
      return value instanceof WebAssembly.Global;
  }
}

/** An import that waits is an object. */
function isSuspending(value: unknown): boolean {
  const { Suspending } = WebAssembly as unknown as { readonly Suspending?: new () => object };
  return Suspending !== undefined && value instanceof Suspending;
}

/** What a core instance exports under a name. */
export function ownValue(
  instance: Readonly<Record<string, WebAssembly.ExportValue>> | undefined,
  name: string,
): WebAssembly.ExportValue | undefined {
  return instance !== undefined && Object.hasOwn(instance, name) ? instance[name] : undefined;
}

/** @throws WebAssembly.LinkError always */
export function fail(reason: string): never {
  throw new WebAssembly.LinkError(reason);
}
