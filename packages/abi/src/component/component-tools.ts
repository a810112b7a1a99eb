import { parseJsonText } from '../parse-json-text.ts';
import type { ToolDefinition } from '../roles/plugin.ts';
import type { DecodedComponent, ExportedFunction } from './component-plan.ts';
import { shownFunction } from './format-type.ts';
import { JsonRoom } from './json-room.ts';
import { schemaOf } from './json-schema.ts';
import { namesLength } from './names-length.ts';
import { type FunctionType, partsOf, type ValueType } from './value-type.ts';

const LONGEST_NAME = 128;
const LONGEST_TYPE_SHOWN = 300;
/** What componentize-py exports for itself. */
const RUNTIME_EXPORTS = 'exports';

/** A function that can be called as a tool. */
export interface ComponentTool extends ExportedFunction {
  readonly tool: string;
}

/** A function that cannot, and why; in plain words. */
export interface RefusedFunction {
  readonly name: string;
  readonly reason: string;
}

/** The tools of a component, under the names that Wassette gives them. Entry points of WASI are neither tools nor refused ones. */
export function toolsOf({ exports }: Pick<DecodedComponent, 'exports'>): {
  readonly tools: readonly ComponentTool[];
  readonly refused: readonly RefusedFunction[];
} {
  const tools: ComponentTool[] = [];
  const refused: RefusedFunction[] = [];
  for (const one of exports) {
    const { interfaceName, name, type } = one;
    if (interfaceName?.startsWith('wasi:') || interfaceName === RUNTIME_EXPORTS) continue;
    const tool = toolName(one);
    const reason = refusalOf(name, tool, type, tools);
    if (reason === undefined) tools.push({ ...one, tool });
    else refused.push({ name: interfaceName === undefined ? name : `${interfaceName}#${name}`, reason });
  }
  return { tools, refused };
}

function toolName({ interfaceName, name }: ExportedFunction): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9-]/g, '_');
  return interfaceName === undefined ? plain(name) : `${plain(interfaceName)}_${plain(name)}`;
}

function refusalOf(
  name: string,
  tool: string,
  type: FunctionType,
  tools: readonly ComponentTool[],
): string | undefined {
  if (name.startsWith('[')) return 'it belongs to a resource, and handles cannot be passed in JSON';
  if (type.params.some((param) => hasHandle(param.type)) || (type.result && hasHandle(type.result)))
    return 'it takes or gives handles of a resource, which cannot be passed in JSON';
  if (tool.length > LONGEST_NAME) return `its name is longer than ${LONGEST_NAME} characters`;
  if (tools.some((other) => other.tool === tool)) return `another function is the tool "${tool}" already`;
  return undefined;
}

function hasHandle(type: ValueType): boolean {
  return type.kind === 'own' || type.kind === 'borrow' || partsOf(type).some(hasHandle);
}

/**
 * What is said of tools, as JSON. Few bytes of a component may have any number of names in its schemas: they are counted before they are written.
 *
 * @throws PassingLimitError
 */
export function describeTools(tools: readonly ComponentTool[], docs: string | undefined, mostBytes: number): string {
  const room = new JsonRoom(mostBytes);
  const described = tools.map((one) => {
    const { params, result } = one.type;
    for (const { name, type } of params) room.take(name.length + namesLength(type));
    if (result) room.take(namesLength(result));
    const tool = describeTool(one, docs);
    room.takeText(tool.description);
    return tool;
  });
  return JSON.stringify(described);
}

/** What is said of a tool. `docs` is the text of the section `package-docs`. */
export function describeTool({ tool, name, type }: ComponentTool, docs: string | undefined): ToolDefinition {
  const { params, result } = type;
  const required = params.filter((param) => param.type.kind !== 'option').map((param) => param.name);
  const properties = Object.fromEntries(params.map((param) => [param.name, schemaOf(param.type, 'in')]));
  return {
    name: tool,
    description: documented(docs, name) ?? `Calls the function "${name}": ${shownFunction(type, LONGEST_TYPE_SHOWN)}`,
    parameters: {},
    required,
    inputSchema: { type: 'object', properties, required },
    ...(result && {
      outputSchema: { type: 'object', properties: { result: schemaOf(result, 'out') }, required: ['result'] },
    }),
  };
}

/** Of functions that no interface has; where the section says more, nobody has settled how. */
function documented(docs: string | undefined, name: string): string | undefined {
  if (docs === undefined) return undefined;
  try {
    const { worlds } = parseJsonText(docs) as { readonly worlds?: Readonly<Record<string, unknown>> };
    for (const world of Object.values(worlds ?? {})) {
      const { func_exports: functions } = world as { readonly func_exports?: Readonly<Record<string, unknown>> };
      const said = (functions?.[name] as { readonly docs?: unknown } | undefined)?.docs;
      if (typeof said === 'string' && said !== '') return said;
    }
  } catch {
    // What nobody can read is as good as nothing.
  }
  return undefined;
}
