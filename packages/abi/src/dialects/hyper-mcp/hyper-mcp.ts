import type { ModuleOutline, PluginDialect } from '../../dialect.ts';
import { connectExtism } from '../extism/connection.ts';
import { EXTISM } from '../extism/extism.ts';
import { importsKernel, isCallable } from '../extism/recognised.ts';
import { context } from './context.ts';
import { halves } from './halves.ts';
import { HYPER_MCP_RULES, hyperMcpFunctions } from './host-functions.ts';
import { decodeToolList, decodeToolResult } from './messages.ts';
import { METHODS } from './methods.ts';

const SECOND_NAMES: ReadonlySet<string> = new Set(
  'list_tools call_tool list_prompts get_prompt list_resources list_resource_templates read_resource complete on_roots_list_changed'.split(
    ' ',
  ),
);

const COMMON: Omit<PluginDialect, 'id' | 'title' | 'codec'> = {
  ...EXTISM,
  guide: 'docs/hyper-mcp.md',
  imports: [...EXTISM.imports, ...HYPER_MCP_RULES],
  connect: (setup) =>
    connectExtism(setup, {
      hostFunctions: (kernel) => hyperMcpFunctions(kernel, setup.host),
      putsOutJson: true,
      optional: new Set(['list_tools']),
      partners: { list_tools: 'call_tool' },
    }),
};

const configure: PluginDialect['codec']['configure'] = {
  exportName: 'configure',
  encode: (settings) => JSON.stringify(settings),
  decode: () => undefined,
};

/** Plug-ins of the first version of hyper-mcp's interface, which have tools alone. Source: EXTISM.md §2.1. */
export const hyperMcpV1: PluginDialect = {
  ...COMMON,
  id: 'hyper-mcp-v1',
  title: 'hyper-mcp plug-in (V1)',
  recognise: (outline) => (importsKernel(outline) && isFirst(outline) ? 2 : 0),
  codec: {
    tools: {
      exportName: 'describe',
      encode: () => undefined,
      decode: (answer: string) => decodeToolList(answer, 'describe'),
    },
    execute: {
      exportName: 'call',
      encode: ({ tool, args }) => JSON.stringify({ params: { name: tool, arguments: args } }),
      decode: (answer: string) => decodeToolResult(answer, 'call'),
    },
    configure,
  },
};

/** Plug-ins of the second version, which are whole servers. Source: EXTISM.md §2.2. */
export const hyperMcpV2: PluginDialect = {
  ...COMMON,
  id: 'hyper-mcp-v2',
  title: 'hyper-mcp plug-in (V2)',
  notes: halves,
  recognise: (outline) => (importsKernel(outline) && !isFirst(outline) && isSecond(outline) ? 2 : 0),
  codec: {
    tools: {
      exportName: 'list_tools',
      encode: () => JSON.stringify({ context: context() }),
      decode: (answer: string) => decodeToolList(answer, 'list_tools'),
    },
    execute: {
      exportName: 'call_tool',
      encode: ({ tool, args, meta }) =>
        JSON.stringify({ request: { name: tool, arguments: args }, context: context(meta) }),
      decode: (answer: string) => decodeToolResult(answer, 'call_tool'),
    },
    configure,
    methods: METHODS,
  },
};

function isFirst({ exports }: ModuleOutline): boolean {
  return ['describe', 'call'].every((name) => exports.some((entry) => entry.name === name && isCallable(entry)));
}

function isSecond({ exports }: ModuleOutline): boolean {
  return exports.some(({ name, kind }) => kind === 'function' && SECOND_NAMES.has(name));
}
