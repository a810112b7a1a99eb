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

/**
 * The MCP result of a plugin's answer. Where its tool promises a schema, a JSON object becomes `structuredContent`; an answer without
 * one is an error that says so, since clients refuse it.
 */
export function toMcpResult(result: ToolResult, hasOutputSchema: boolean): JsonObject {
  const mcp = result.mcp ?? mcpOf(result, hasOutputSchema);
  if (!hasOutputSchema || mcp.isError === true || isObject(mcp.structuredContent)) return mcp;
  const { content } = mcp;
  return { ...mcp, content: [told(result), ...(Array.isArray(content) ? content : [])], isError: true };
}

/** The same as a text; what came as one stays one. */
export function toResultText(result: ToolResult, hasOutputSchema: boolean): ObjectText {
  const { data, isError, structuredText } = result;
  if (structuredText === undefined || !hasOutputSchema) return ObjectText.from(toMcpResult(result, hasOutputSchema));
  return ObjectText.EMPTY.withValue('content', [{ type: 'text', text: data }])
    .with('structuredContent', Buffer.from(structuredText))
    .withValue('isError', isError || undefined);
}

function mcpOf(result: ToolResult, hasOutputSchema: boolean): JsonObject {
  const structured = hasOutputSchema ? structuredOf(result) : undefined;
  return {
    content: [{ type: 'text', text: result.data }],
    ...(structured && { structuredContent: structured }),
    ...(result.isError && { isError: true }),
  };
}

/** Why an answer is not what the tool promises; what it was comes after it. */
function told({ data, mcp }: ToolResult): JsonObject {
  const found = mcp ? 'no "structuredContent"' : `${kindOf(data)} of ${data.length} characters`;
  const text = `The tool has an output schema, which promises a JSON object, and answered with ${found}: clients refuse that. Let it answer with an object, or leave out its output schema. Its answer was:`;
  return { type: 'text', text };
}

function kindOf(text: string): string {
  const value = parseJson(text);
  if (value === undefined) return 'a text that is no JSON';
  return Array.isArray(value) ? 'a JSON array' : `JSON (${value === null ? 'null' : typeof value})`;
}

function structuredOf({ structured, data, isError }: ToolResult): JsonObject | undefined {
  if (structured) return structured as JsonObject;
  return isError ? undefined : parseObject(data);
}

function parseObject(text: string): JsonObject | undefined {
  const value = text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  return isObject(value) ? value : undefined;
}
