import type { ModuleOutline } from '../../dialect.ts';
import type { ExportedTool, PluginCodec, ToolCall, ToolDefinition, ToolResult } from '../../roles/plugin.ts';
import { FAILURE, readAnswer } from './answer.ts';
import type { Input, Route } from './connection.ts';
import { isCallable } from './recognised.ts';

const DEFAULT_ARGUMENT = 'input';
/** Between the name of the export and its input. */
const END_OF_NAME = '\n';
const LINE_FEED = 10;

const NONE = new Uint8Array(0);

const decoder = new TextDecoder();

/** How the tools of a plug-in are asked for that says nothing of them. */
interface KnownTool {
  readonly exportName: string;
  /** The argument that is the input; undefined where all of them are. */
  readonly argument: string | undefined;
  /** Whether the tool's schema lets callers leave that argument out; the input is empty then. */
  readonly isOptional: boolean;
}

/** The codec of a plug-in whose tools are named by whoever loads it. */
export function codecForTools(tools: Readonly<Record<string, ExportedTool>>): PluginCodec {
  const known = new Map(Object.entries(tools).map(([name, tool]) => [name, knownTool(name, tool)]));
  const definitions = Object.entries(tools).map(([name, tool]) => define(name, tool));
  return {
    tools: { exportName: 'tools', encode: () => undefined, decode: () => definitions },
    execute: {
      exportName: 'execute',
      encode: (call) => encodeCall(known.get(call.tool), call),
      decode: decodeCall,
      calledName: ({ tool }) => known.get(tool)?.exportName ?? tool,
    },
    configure: { exportName: 'configure', encode: (settings) => JSON.stringify(settings), decode: () => undefined },
  };
}

/** What keeps a module from having these tools. */
export function missingTools(
  tools: Readonly<Record<string, ExportedTool>>,
  { exports }: ModuleOutline,
): readonly string[] {
  const callable = exports.filter(isCallable).map(({ name }) => name);
  // What compilers add begins with an underscore.
  const own = callable.filter((name) => !name.startsWith('_'));
  const offered = own.length === 0 ? 'nothing that could be called' : own.map((name) => `"${name}"`).join(', ');
  if (Object.keys(tools).length === 0)
    return [`it does not say what its tools are: name them under "exports"; it exports ${offered}`];
  return Object.entries(tools).flatMap(([name, tool]) => {
    const exportName = tool.export ?? name;
    if (!callable.includes(exportName))
      return [`the tool "${name}" needs a function "${exportName}" without parameters; it exports ${offered}`];
    return isUnclear(tool)
      ? [
          `the tool "${name}" is given one text, and its "inputSchema" has several properties: leave one, or say "input": "json"`,
        ]
      : [];
  });
}

/** Whether nothing says which of several arguments the text is. */
function isUnclear(tool: ExportedTool): boolean {
  const properties = propertiesOf(tool);
  return tool.input === 'text' && properties.length > 1 && !properties.includes(DEFAULT_ARGUMENT);
}

/** The other end of {@link codecForTools}, for one guest: the export, and its input without a copy. */
export function callRouter(): (name: string, input: Input) => Route {
  // Most calls are of the export that was called last: to compare its bytes costs a tenth of what decoding them does.
  let lastBytes: Uint8Array = NONE;
  let lastName = '';
  return (name, input) => {
    if (name !== 'execute') return { answer: '' };
    if (typeof input === 'string') {
      const end = input.indexOf(END_OF_NAME);
      if (end <= 0) return { answer: FAILURE + input.slice(1) };
      return { exportName: input.slice(0, end), input: input.slice(end + 1) };
    }
    if (!isNamed(input, lastBytes)) {
      const end = input.indexOf(LINE_FEED);
      // Decoders may refuse bytes that two threads see, hence the copies.
      if (end <= 0) return { answer: FAILURE + decoder.decode(input.slice(1)) };
      lastBytes = input.slice(0, end);
      lastName = decoder.decode(lastBytes);
    }
    return { exportName: lastName, input: input.subarray(lastBytes.length + 1) };
  };
}

/** Whether an input begins with this name, as a whole. */
function isNamed(input: Uint8Array, name: Uint8Array): boolean {
  if (name.length === 0 || input[name.length] !== LINE_FEED) return false;
  for (let at = 0; at < name.length; at++) if (input[at] !== name[at]) return false;
  return true;
}

/** The export's name and its input; without a name, what is wrong with the call, which then is answered with it. */
function encodeCall(tool: KnownTool | undefined, { tool: name, args }: ToolCall): string {
  if (tool === undefined) return `${END_OF_NAME}no such tool`;
  const { exportName, argument, isOptional } = tool;
  const given = argument === undefined ? JSON.stringify(args) : args[argument];
  const input = given === undefined && isOptional ? '' : given;
  if (typeof input === 'string') return exportName + END_OF_NAME + input;
  return `${END_OF_NAME}The argument "${argument}" of "${name}" must be a text: it is all that the tool is given.`;
}

function decodeCall(answer: string): ToolResult {
  const { text, isFailure } = readAnswer(answer);
  return { data: text, isError: isFailure };
}

function knownTool(name: string, tool: ExportedTool): KnownTool {
  const argument = tool.input === 'text' ? textArgument(tool) : undefined;
  return { exportName: tool.export ?? name, argument, isOptional: isOptional(tool, argument) };
}

function define(name: string, tool: ExportedTool): ToolDefinition {
  const { description = '', inputSchema = schemaOf(tool), outputSchema, annotations } = tool;
  return {
    ...{ name, description, inputSchema, parameters: {}, required: [] },
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
  };
}

function schemaOf(tool: ExportedTool): Readonly<Record<string, unknown>> {
  if (tool.input !== 'text') return { type: 'object' };
  return { type: 'object', properties: { [DEFAULT_ARGUMENT]: { type: 'string' } }, required: [DEFAULT_ARGUMENT] };
}

function textArgument(tool: ExportedTool): string {
  const properties = propertiesOf(tool);
  return properties.length === 1 ? (properties[0] as string) : DEFAULT_ARGUMENT;
}

function propertiesOf({ inputSchema }: ExportedTool): readonly string[] {
  return Object.keys((inputSchema?.properties as object | undefined) ?? {});
}

function isOptional({ inputSchema }: ExportedTool, argument: string | undefined): boolean {
  return inputSchema !== undefined && !(Array.isArray(inputSchema.required) && inputSchema.required.includes(argument));
}
