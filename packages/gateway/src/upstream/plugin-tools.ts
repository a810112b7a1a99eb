import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import { whyRefused } from '../catalog/why-refused.ts';
import { parseJson } from '../json.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';

/** The MCP tool that a plugin's definition stands for. Parameters of the plain ABI have no type, so none is claimed. */
export function toMcpTool(definition: ToolDefinition): JsonObject {
  return {
    name: definition.name,
    ...(definition.title !== undefined && { title: definition.title }),
    description: definition.description,
    inputSchema: definition.inputSchema ?? schemaOfParameters(definition),
    ...(definition.outputSchema && { outputSchema: definition.outputSchema }),
    ...(definition.annotations && { annotations: definition.annotations }),
  };
}

/**
 * @param isTold - Whether the configuration says what they are, in the words of MCP.
 * @throws an Error that says for which of the tools a strict client would refuse the whole list, and why.
 */
export function refuseTools(definitions: readonly ToolDefinition[], isTold = false): void {
  for (const definition of definitions) {
    const reason = whyRefused('tools', ObjectText.from(toMcpTool(definition)), 'legacy');
    if (reason !== undefined) throw new Error(`tool "${definition.name}": ${isTold ? reason : inItsWords(reason)}`);
  }
}

/** Plugins write these keys otherwise than MCP does. */
function inItsWords(reason: string): string {
  return reason.replace('"inputSchema', '"input_schema').replace('"outputSchema', '"output_schema');
}

function schemaOfParameters({ parameters, required }: ToolDefinition): JsonObject {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, description]) => [name, { description }]),
  );
  return { type: 'object', properties, ...(required.length > 0 && { required: [...required] }) };
}

/** The MCP result of a plugin's answer; JSON objects become `structuredContent` where the tool promises a schema. */
export function toMcpResult(result: ToolResult, hasOutputSchema: boolean): JsonObject {
  if (result.mcp) return result.mcp;
  const structured = hasOutputSchema ? structuredOf(result) : undefined;
  return {
    content: [{ type: 'text', text: result.data }],
    ...(structured && { structuredContent: structured }),
    ...(result.isError && { isError: true }),
  };
}

/** The same as a text; what came as one stays one. */
export function toResultText(result: ToolResult, hasOutputSchema: boolean): ObjectText {
  const { data, isError, structuredText } = result;
  if (structuredText === undefined || !hasOutputSchema) return ObjectText.from(toMcpResult(result, hasOutputSchema));
  return ObjectText.EMPTY.withValue('content', [{ type: 'text', text: data }])
    .with('structuredContent', Buffer.from(structuredText))
    .withValue('isError', isError || undefined);
}

function structuredOf({ structured, data, isError }: ToolResult): JsonObject | undefined {
  if (structured) return structured as JsonObject;
  return isError ? undefined : parseObject(data);
}

function parseObject(text: string): JsonObject | undefined {
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  return isObject(value) ? value : undefined;
}
