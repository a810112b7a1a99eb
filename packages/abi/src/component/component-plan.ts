import type { FunctionType, ResourceType } from './value-type.ts';

/** The kinds of things in a core module or instance. */
export type CoreSort = 'function' | 'table' | 'memory' | 'global';

/** The index spaces of a component that hold something at run time; types are known before. */
export type ItemSort = 'function' | 'instance' | 'component' | 'type';

/** How values pass between a core function and a component's. Indices are into the index spaces of the component. */
export interface CanonicalOptions {
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
}

/** An item that is handed to an instance, or exported, under a name. */
export interface NamedItem {
  readonly name: string;
  readonly sort: ItemSort;
  readonly index: number;
  /** Of types that are resources. */
  readonly resource?: ResourceType;
}

/** What an imported instance promises: its functions with their types, its resources, its instances. */
export interface InstanceShape {
  readonly items: ReadonlyMap<string, ShapeItem>;
}

export type ShapeItem =
  | { readonly sort: 'function'; readonly type: FunctionType }
  | { readonly sort: 'type'; readonly resource?: ResourceType }
  | { readonly sort: 'instance'; readonly shape: InstanceShape };

/** One definition of a component, in the order of the binary; most add one item to one of the index spaces. */
export type PlanStep =
  | { readonly step: 'core-module'; readonly module: number }
  | {
      readonly step: 'core-instance';
      readonly module: number;
      readonly imports: readonly { readonly name: string; readonly instance: number }[];
    }
  | {
      readonly step: 'core-exports';
      readonly exports: readonly { readonly name: string; readonly sort: CoreSort; readonly index: number }[];
    }
  | { readonly step: 'component'; readonly plan: ComponentPlan }
  | { readonly step: 'instance'; readonly component: number; readonly args: readonly NamedItem[] }
  | { readonly step: 'exports'; readonly exports: readonly NamedItem[] }
  | { readonly step: 'alias'; readonly sort: ItemSort; readonly instance: number; readonly name: string }
  | { readonly step: 'core-alias'; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  | {
      readonly step: 'outer-alias';
      readonly sort: 'component' | 'core-module';
      readonly scopes: number;
      readonly index: number;
    }
  | { readonly step: 'resource'; readonly resource: ResourceType; readonly destructor?: number }
  | {
      readonly step: 'lift';
      readonly core: number;
      readonly options: CanonicalOptions;
      readonly type: FunctionType;
    }
  | { readonly step: 'lower'; readonly func: number; readonly options: CanonicalOptions }
  | { readonly step: 'resource-new' | 'resource-drop' | 'resource-rep'; readonly resource: ResourceType }
  | { readonly step: 'import'; readonly name: string; readonly item: ShapeItem }
  | { readonly step: 'export'; readonly item: NamedItem };

/** How a component is put together, without its code; plain data, so that it crosses threads. */
export interface ComponentPlan {
  readonly steps: readonly PlanStep[];
}

/** A function that a component exports, alone or in an interface. */
export interface ExportedFunction {
  /** Of the interface, as `wasi:cli/run@0.2.0`; undefined for a function of the component itself. */
  readonly interfaceName: string | undefined;
  readonly name: string;
  readonly type: FunctionType;
}

/** A component that has been read. */
export interface DecodedComponent {
  readonly plan: ComponentPlan;
  /** Where its core modules lie in its bytes, in the order of their numbers. */
  readonly modules: readonly { readonly start: number; readonly end: number }[];
  /** What the component imports, by name. */
  readonly imports: ReadonlyMap<string, ShapeItem>;
  readonly exports: readonly ExportedFunction[];
  /** The text of the custom section `package-docs`, where there is one. */
  readonly docs: string | undefined;
}
