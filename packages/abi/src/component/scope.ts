import type { InstanceShape, ShapeItem } from './component-plan.ts';
import type { ComponentReader } from './component-reader.ts';
import type { FunctionType, ResourceType, ValueType } from './value-type.ts';

/** What stands in the type space. */
export type TypeItem =
  | ValueType
  | FunctionType
  | ResourceType
  /** The type of an instance: each use is one of its own, as its resources are. */
  | { readonly kind: 'instance'; readonly make: () => InstanceItem }
  | { readonly kind: 'component' };

/** What is known of an instance before it is made. */
export interface InstanceItem {
  readonly exports: ReadonlyMap<string, ScopeItem>;
}

/** A component as a definition, of which instances are made. */
export interface ComponentItem {
  readonly exports: ReadonlyMap<string, ScopeItem>;
}

export type ScopeItem =
  | { readonly sort: 'function'; readonly item: FunctionType }
  | { readonly sort: 'type'; readonly item: TypeItem }
  | { readonly sort: 'instance'; readonly item: InstanceItem }
  | { readonly sort: 'component'; readonly item: ComponentItem };

/** The core index spaces; of their items only the number matters before run time. */
export type CoreSpace = 'function' | 'table' | 'memory' | 'global' | 'type' | 'module' | 'instance';

/** The index spaces of one component, or of the type of one. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly function: FunctionType[] = [];
  readonly type: TypeItem[] = [];
  readonly instance: InstanceItem[] = [];
  readonly component: ComponentItem[] = [];
  readonly core: Record<CoreSpace, number> = {
    function: 0,
    table: 0,
    memory: 0,
    global: 0,
    type: 0,
    module: 0,
    instance: 0,
  };
  readonly imports: Map<string, ScopeItem> = new Map();
  readonly exports: Map<string, ScopeItem> = new Map();

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  add(entry: ScopeItem): void {
    switch (entry.sort) {
      case 'function':
        this.function.push(entry.item);
        return;
      case 'type':
        this.type.push(entry.item);
        return;
      case 'instance':
        this.instance.push(entry.item);
        return;
      case 'component':
        this.component.push(entry.item);
        return;
      default: {
        const unknown: never = entry;
        throw new TypeError(String(unknown));
      }
    }
  }

  /** @throws ABI_BAD_MODULE for an index that is not there yet */
  at(reader: ComponentReader, sort: ScopeItem['sort'], index: number): ScopeItem {
    const item = this[sort][index];
    if (item === undefined) reader.fail(`there is no ${sort} ${index} yet`);
    return { sort, item } as ScopeItem;
  }

  /** The next index into a core space, once it is known to be there. */
  coreIndex(reader: ComponentReader, space: CoreSpace): number {
    const index = reader.u32();
    if (index >= this.core[space]) reader.fail(`there is no core ${space} ${index} yet`);
    return index;
  }

  /** So many components outwards. */
  outward(reader: ComponentReader, scopes: number): Scope {
    let scope: Scope | undefined = this;
    for (let left = scopes; left > 0 && scope; left--) scope = scope.parent;
    return scope ?? reader.fail(`it is not inside ${scopes} others`);
  }
}

/** What of an item matters at run time. Values have no place there, nor have components that are imported. */
export function shapeOf(reader: ComponentReader, entry: ScopeItem): ShapeItem {
  switch (entry.sort) {
    case 'function':
      return { sort: 'function', type: entry.item };
    case 'type':
      return entry.item.kind === 'resource' ? { sort: 'type', resource: entry.item } : { sort: 'type' };
    case 'instance':
      return { sort: 'instance', shape: instanceShape(reader, entry.item) };
    default:
      return reader.fail('it imports a component; compose it with that one first');
  }
}

function instanceShape(reader: ComponentReader, { exports }: InstanceItem): InstanceShape {
  return { items: new Map([...exports].map(([name, entry]) => [name, shapeOf(reader, entry)])) };
}
