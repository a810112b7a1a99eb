import type { ShapeItem } from './component-plan.ts';
import { type ServerEntryPoint, serverEntryOf } from './component-server.ts';
import { toolsOf } from './component-tools.ts';
import { decodeComponent } from './decode-component.ts';
import { formatSignature, shownFunction } from './format-type.ts';
import { wasiProblem } from './wasi-contract.ts';

/** Whoever reads a report has one line for each function; types of a stranger may have megabytes. */
const LONGEST_TYPE_SHOWN = 1_000;

/** A function that a component imports, and why no host supplies it if none does. */
interface ComponentImport {
  /** Of the interface; empty for what the component imports without one. */
  readonly module: string;
  readonly name: string;
  readonly kind: 'function';
  readonly signature: string;
  readonly supported: boolean;
  readonly problem?: string;
}

/** What a component wants and gives. @throws ABI_BAD_MODULE */
export function reportComponent(bytes: Uint8Array): {
  readonly component: {
    readonly coreModules: number;
    readonly refused: ReturnType<typeof toolsOf>['refused'];
    readonly serves?: ServerEntryPoint;
  };
  readonly imports: readonly ComponentImport[];
  readonly tools: readonly { readonly name: string; readonly signature: string }[];
} {
  const decoded = decodeComponent(bytes);
  const { tools, refused } = toolsOf(decoded);
  const server = serverEntryOf(decoded);
  return {
    component: { coreModules: decoded.modules.length, refused, ...(server && { serves: server.entry }) },
    imports: [...decoded.imports].flatMap(([name, item]) => importsOf(name, item, server !== undefined)),
    tools: tools.map(({ tool, type }) => ({ name: tool, signature: shownFunction(type, LONGEST_TYPE_SHOWN) })),
  };
}

function importsOf(module: string, item: ShapeItem, isServer: boolean): ComponentImport[] {
  const problem = 'a host supplies the interfaces of WASI 0.2 only';
  if (item.sort === 'function') return [{ ...described('', module, item), supported: false, problem }];
  if (item.sort !== 'instance') {
    const isResource = item.sort === 'type' && item.resource !== undefined;
    return isResource
      ? [{ module: '', name: module, kind: 'function', signature: 'resource', supported: false, problem }]
      : [];
  }
  return [...item.shape.items].flatMap(([name, inner]): ComponentImport[] => {
    if (inner.sort === 'instance')
      return [{ module, name, kind: 'function', signature: 'instance', supported: false, problem }];
    if (inner.sort !== 'function') return [];
    const lacking = wasiProblem(module, { name, signature: formatSignature(inner.type), isServer });
    const report = described(module, name, inner);
    return [{ ...report, supported: lacking === undefined, ...(lacking !== undefined && { problem: lacking }) }];
  });
}

function described(
  module: string,
  name: string,
  { type }: Extract<ShapeItem, { sort: 'function' }>,
): Pick<ComponentImport, 'module' | 'name' | 'kind' | 'signature'> {
  return { module, name, kind: 'function', signature: shownFunction(type, LONGEST_TYPE_SHOWN) };
}
