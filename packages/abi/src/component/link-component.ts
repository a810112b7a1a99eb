import {
  type ComponentFunction,
  type CoreFunction,
  liftFunction,
  lowerFunction,
  type Suspension,
} from './canonical-functions.ts';
import type { ComponentHost } from './component-host.ts';
import type {
  CanonicalOptions,
  ComponentPlan,
  DecodedComponent,
  InstanceShape,
  PlanStep,
  ShapeItem,
} from './component-plan.ts';
import { type ComponentStore, Crossing } from './crossing.ts';
import { OpenHandles, type Resource } from './handles.ts';
import { adopt, bind, coreAt, fail, type LinkedItem, meet, ownValue, RunScope } from './run-scope.ts';
import type { FunctionType, ResourceType } from './value-type.ts';

/** A component whose core modules are compiled; crosses threads. */
export interface CompiledComponent {
  readonly plan: ComponentPlan;
  readonly exports: DecodedComponent['exports'];
  readonly docs: string | undefined;
  /** By their numbers. What has memory of its own has its ceiling written in. */
  readonly modules: readonly { readonly module: WebAssembly.Module; readonly ownsMemory: boolean }[];
}

export interface LinkSetup {
  readonly host: ComponentHost;
  /** Bytes that may pass at once, in either direction. */
  readonly mostBytes: number;
  readonly suspension?: Suspension | undefined;
}

/** A component that can be called. */
export interface LinkedComponent {
  readonly exports: ReadonlyMap<string, LinkedItem>;
  readonly store: ComponentStore;
  /** Memories that can be seen, for their size. */
  readonly memories: ReadonlySet<WebAssembly.Memory>;
}

/** Instances of one component, those inside it included; what is in use has some hundred. */
const MOST_INSTANCES = 10_000;

/**
 * Makes an instance of a component and of all that is inside it. Code of the guest runs already: start functions of core modules.
 *
 * @throws WebAssembly.LinkError for what does not fit together, and what code of the guest throws.
 */
export function linkComponent(component: CompiledComponent, setup: LinkSetup): LinkedComponent {
  const linker = new Linker(component, setup);
  const { exports } = linker.run(component.plan, undefined, undefined);
  return { exports, store: linker.store, memories: linker.memories };
}

class Linker {
  readonly store: ComponentStore;
  readonly memories: Set<WebAssembly.Memory> = new Set();
  readonly #component: CompiledComponent;
  readonly #setup: LinkSetup;
  readonly #started: Set<number> = new Set();
  #instances = 0;

  constructor(component: CompiledComponent, setup: LinkSetup) {
    this.#component = component;
    this.#setup = setup;
    const handles = new OpenHandles();
    this.store = { dead: undefined, mostBytes: setup.mostBytes, handles };
    setup.host.attach?.(() => handles.ofHost());
  }

  /** One instance of a component; the outermost one has no arguments, but the host. */
  run(plan: ComponentPlan, parent: RunScope | undefined, args: ReadonlyMap<string, LinkedItem> | undefined): RunScope {
    this.#count();
    const scope = new RunScope(parent, this.store.handles);
    for (const step of plan.steps) this.#step(step, scope, args);
    return scope;
  }

  #step(step: PlanStep, scope: RunScope, args: ReadonlyMap<string, LinkedItem> | undefined): void {
    switch (step.step) {
      case 'core-module':
        scope.modules.push(step.module);
        return;
      case 'core-instance':
        scope.coreInstances.push(this.#instantiate(step, scope));
        return;
      case 'core-exports': {
        const exports: Record<string, WebAssembly.ExportValue> = Object.create(null);
        for (const { name, sort, index } of step.exports) exports[name] = coreAt(scope, sort, index);
        scope.coreInstances.push(exports);
        return;
      }
      case 'core-alias': {
        const value = ownValue(scope.coreInstances[step.instance], step.name);
        if (value === undefined) fail(`a core instance exports no "${step.name}"`);
        scope.core[step.sort].push(value);
        return;
      }
      case 'component':
        scope.add({ sort: 'component', plan: step.plan, scope });
        return;
      case 'instance':
        this.#instance(step, scope);
        return;
      case 'exports': {
        const exports = new Map(step.exports.map((item) => [item.name, scope.at(item)]));
        scope.add({ sort: 'instance', exports });
        return;
      }
      case 'alias': {
        if (step.sort === 'type') return;
        const instance = scope.at({ sort: 'instance', index: step.instance });
        const item = instance.sort === 'instance' ? instance.exports.get(step.name) : undefined;
        if (item?.sort !== step.sort) fail(`an instance has no ${step.sort} "${step.name}"`);
        scope.add(item);
        return;
      }
      case 'outer-alias': {
        let outer: RunScope | undefined = scope;
        for (let left = step.scopes; left > 0; left--) outer = outer?.parent;
        if (step.sort === 'component')
          scope.add(outer?.at({ sort: 'component', index: step.index }) ?? fail('no outer'));
        else scope.modules.push(outer?.modules[step.index] ?? fail('there is no such module outside'));
        return;
      }
      case 'resource':
        scope.instance.resources.set(step.resource, this.#resource(step, scope));
        return;
      case 'lift':
      case 'lower':
        this.#canonical(step, scope);
        return;
      case 'resource-new':
      case 'resource-drop':
      case 'resource-rep':
        scope.core.function.push(this.#builtIn(step, scope) as WebAssembly.ExportValue);
        return;
      case 'import':
        this.#import(step.name, step.item, scope, args);
        return;
      case 'export': {
        const item = scope.at(step.item);
        scope.add(item);
        scope.exports.set(step.item.name, item);
        return;
      }
      default: {
        const unknown: never = step;
        throw new TypeError(String(unknown));
      }
    }
  }

  #count(): void {
    this.#instances += 1;
    if (this.#instances > MOST_INSTANCES) fail(`it makes more than ${MOST_INSTANCES} instances`);
  }

  #instantiate(
    { module: index, imports }: Extract<PlanStep, { step: 'core-instance' }>,
    scope: RunScope,
  ): WebAssembly.Exports {
    this.#count();
    const number = scope.modules[index] ?? fail(`there is no core module ${index}`);
    const { module, ownsMemory } = this.#component.modules[number] ?? fail(`there is no core module ${number}`);
    // The ceiling on memory is shared among modules, each of which is expected once.
    if (ownsMemory && this.#started.has(number))
      fail('it makes two instances of a core module that has memory of its own');
    this.#started.add(number);
    const given: WebAssembly.Imports = Object.create(null);
    for (const { name, instance } of imports) {
      given[name] = (scope.coreInstances[instance] ?? fail(`there is no core instance ${instance}`)) as never;
    }
    // The engine says so with a TypeError, as host functions fail that its start function calls.
    for (const { module: from } of WebAssembly.Module.imports(module)) {
      if (!(from in given)) fail(`a core module imports from "${from}", which it is not given`);
    }
    const { exports } = new WebAssembly.Instance(module, given);
    for (const value of Object.values(exports)) {
      if (value instanceof WebAssembly.Memory) this.memories.add(value);
    }
    return exports;
  }

  #instance({ component, args }: Extract<PlanStep, { step: 'instance' }>, scope: RunScope): void {
    const found = scope.at({ sort: 'component', index: component });
    if (found.sort !== 'component') fail(`there is no component ${component}`);
    const given = new Map(args.map((arg) => [arg.name, scope.at(arg)]));
    const { exports } = this.run(found.plan, found.scope, given);
    for (const item of exports.values()) adopt(scope, item);
    scope.add({ sort: 'instance', exports });
  }

  #resource({ resource, destructor }: Extract<PlanStep, { step: 'resource' }>, scope: RunScope): Resource {
    const owner = scope.instance;
    const destroy = destructor === undefined ? undefined : (coreAt(scope, 'function', destructor) as CoreFunction);
    return {
      name: resource.name,
      owner,
      ...(destroy && { destroy: (represented: unknown) => void destroy(represented) }),
    };
  }

  #canonical(step: Extract<PlanStep, { step: 'lift' | 'lower' }>, scope: RunScope): void {
    const { suspension } = this.#setup;
    const crossing = this.#crossing(step.options, scope);
    if (step.step === 'lower') {
      const item = scope.at({ sort: 'function', index: step.func });
      if (item.sort !== 'function') fail(`there is no function ${step.func}`);
      meet(scope, item.func);
      scope.core.function.push(lowerFunction(item.func, crossing, suspension) as WebAssembly.ExportValue);
      return;
    }
    const { postReturn } = step.options;
    const core = coreAt(scope, 'function', step.core) as CoreFunction;
    const after = postReturn === undefined ? undefined : (coreAt(scope, 'function', postReturn) as CoreFunction);
    scope.add({ sort: 'function', func: liftFunction(core, step.type, crossing, after, suspension) });
  }

  #crossing({ encoding, memory, realloc }: CanonicalOptions, scope: RunScope): Crossing {
    const own = memory === undefined ? undefined : coreAt(scope, 'memory', memory);
    return new Crossing(this.store, scope.instance, {
      encoding,
      memory: own as WebAssembly.Memory | undefined,
      realloc: realloc === undefined ? undefined : (coreAt(scope, 'function', realloc) as CoreFunction),
    });
  }

  #builtIn(
    { step, resource: type }: Extract<PlanStep, { resource: ResourceType; step: `resource-${string}` }>,
    scope: RunScope,
  ): CoreFunction {
    const { instance } = scope;
    const crossing = this.#crossing({ encoding: 'utf8' }, scope);
    const { handles } = instance;
    const guarded = (work: (value: number) => unknown) => (value: unknown) => {
      if (this.store.dead) throw this.store.dead;
      if (!instance.mayLeave) crossing.trap('a function was called while values were moved');
      return work(crossing.int32(value));
    };
    switch (step) {
      case 'resource-new':
        return guarded((represented) => handles.add(crossing, crossing.resource(type), represented));
      case 'resource-drop':
        return guarded((index) => handles.drop(crossing, index >>> 0, crossing.resource(type)));
      case 'resource-rep':
        return guarded((index) => {
          const resource = crossing.resource(type);
          if (resource.owner !== instance) crossing.trap(`what a ${resource.name} stands for is not known here`);
          return handles.represented(crossing, index >>> 0, resource);
        });
      default: {
        const unknown: never = step;
        throw new TypeError(String(unknown));
      }
    }
  }

  #import(name: string, shape: ShapeItem, scope: RunScope, args: ReadonlyMap<string, LinkedItem> | undefined): void {
    if (args) {
      const item = args.get(name) ?? fail(`an instance is not given "${name}"`);
      if (item.sort !== shape.sort) fail(`"${name}" is given as ${item.sort}, not as ${shape.sort}`);
      bind(scope, shape, item);
      scope.add(item);
      return;
    }
    if (shape.sort === 'function') fail(`no host supplies "${name}"`);
    if (shape.sort === 'type') {
      if (shape.resource) fail(`no host supplies the resource "${name}"`);
      return;
    }
    scope.add({ sort: 'instance', exports: this.#hostInstance(name, shape.shape, scope) });
  }

  #hostInstance(name: string, { items }: InstanceShape, { instance }: RunScope): ReadonlyMap<string, LinkedItem> {
    const { host } = this.#setup;
    const exports = new Map<string, LinkedItem>();
    for (const [key, shape] of items) {
      if (shape.sort === 'instance') fail(`no host supplies "${key}" of "${name}"`);
      if (shape.sort === 'function') {
        exports.set(key, { sort: 'function', func: this.#hostFunction(name, key, shape.type, instance.resources) });
        continue;
      }
      const { resource: type } = shape;
      if (type === undefined) {
        exports.set(key, { sort: 'type' });
        continue;
      }
      // Those of another interface have been bound there.
      const resource = instance.resources.get(type) ?? host.resourceOf(name, key);
      instance.resources.set(type, resource);
      exports.set(key, { sort: 'type', type, resource });
    }
    return exports;
  }

  #hostFunction(
    interfaceName: string,
    name: string,
    type: FunctionType,
    resources: ComponentFunction['resources'],
  ): ComponentFunction {
    const found = this.#setup.host.functionOf(interfaceName, name);
    if (found === undefined) return fail(`no host supplies "${name}" of "${interfaceName}"`);
    const call = found.call as (...args: unknown[]) => unknown;
    return { type, call: (args) => call(...args), resources, waits: found.waits };
  }
}
