import { ComponentBuilder, type ImportedItems, type WitFunction } from '@lockgate/testkit';
import { type CoreFunction, coreModule, type FlatType } from './core-module.ts';

/** A function of WASI as core code imports it. */
export interface LoweredFunction {
  readonly from: string;
  readonly name: string;
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
}

export interface ToolComponent {
  readonly tool: WitFunction | ((resources: Resources) => WitFunction);
  /** The core function behind the tool. */
  readonly params?: readonly FlatType[];
  readonly results?: readonly FlatType[];
  readonly code: readonly number[];
  /** Further core functions; `realloc` takes the place of the ordinary one, `post` runs after the answer was read. */
  readonly functions?: readonly CoreFunction[];
  readonly imports?: Readonly<Record<string, ImportedItems | ((resources: Resources) => ImportedItems)>>;
  /** Numbered from 0 on for core code. */
  readonly lowered?: readonly LoweredFunction[];
  /** Resources, `interface#name`, whose drop functions follow those. */
  readonly drops?: readonly string[];
  readonly data?: { readonly offset: number; readonly bytes: readonly number[] };
  /** Whether core code runs when it is instantiated: the function `start`, first of `functions`. */
  readonly starts?: boolean;
  readonly encoding?: 'utf8' | 'utf16' | 'latin1+utf16';
  /** The interface that exports it, in place of the component itself, and under which name. */
  readonly exportedAs?: readonly [interfaceName: string, name: string];
  /** Whether what its core code imports is not given to it, so that it cannot be linked. @default false */
  readonly isUnfit?: boolean;
  /** Pages of memory. @default 2 */
  readonly pages?: number;
}

/** The index of the type of a resource, by the interface and the name under which it was imported. */
export type Resources = (key: string) => number;

/** A component with one tool, `run`, made of core code as it is given. */
export function toolComponent(spec: ToolComponent): Uint8Array<ArrayBuffer> {
  const { tool, params = [], results = [], code, functions = [], imports = {}, lowered = [], drops = [] } = spec;
  const component = new ComponentBuilder();
  const instances = new Map<string, number>();
  const types = new Map<string, number>();
  const resources: Resources = (key) => {
    const [from = '', name = ''] = key.split('#');
    const known = types.get(key) ?? component.alias('type', instances.get(from) as number, name);
    types.set(key, known);
    return known;
  };
  for (const [from, items] of Object.entries(imports)) {
    const given = typeof items === 'function' ? items(resources) : items;
    instances.set(from, component.importInstance(`${from}@0.2.0`, given));
  }
  // Memory and realloc are of a module of their own, which imports nothing: functions are lowered with them.
  const heap = component.coreInstance(
    component.coreModule(coreModule({ functions: [], ...(spec.pages && { pages: spec.pages }) })),
  );
  const lowering = {
    ...(spec.encoding && { encoding: spec.encoding }),
    memory: component.coreAlias('memory', heap, 'memory'),
    realloc: component.coreAlias('function', heap, 'realloc'),
  };
  const given: Record<string, number> = {};
  for (const { from, name } of lowered) {
    given[`${from}#${name}`] = component.lower(component.alias('func', instances.get(from) as number, name), lowering);
  }
  for (const key of drops) given[`drop ${key}`] = component.handleFunction('drop', resources(key));
  const own: CoreFunction[] = [...functions, { name: 'run', params, results, code }];
  const module = coreModule({
    imports: [
      ...lowered.map((one) => ({ name: `${one.from}#${one.name}`, params: one.params, results: one.results })),
      ...drops.map((key) => ({ name: `drop ${key}`, params: ['i32'] as const, results: [] })),
    ],
    functions: own,
    sharesMemory: true,
    ...(spec.data && { data: spec.data }),
    ...(spec.starts && { start: 'start' }),
  });
  const host = component.coreFunctions(given);
  const instance = component.coreInstance(component.coreModule(module), { heap, ...(!spec.isUnfit && { host }) });
  const has = (name: string): boolean => functions.some((one) => one.name === name);
  const options = {
    ...lowering,
    ...(has('realloc') && { realloc: component.coreAlias('function', instance, 'realloc') }),
    ...(has('post') && { postReturn: component.coreAlias('function', instance, 'post') }),
  };
  const run = component.coreAlias('function', instance, 'run');
  const lifted = component.lift(
    run,
    component.functionType(typeof tool === 'function' ? tool(resources) : tool),
    options,
  );
  const [interfaceName, name] = spec.exportedAs ?? [];
  if (interfaceName === undefined || name === undefined) component.export('run', 'func', lifted);
  else component.export(interfaceName, 'instance', component.functions({ [name]: lifted }));
  return component.build();
}
