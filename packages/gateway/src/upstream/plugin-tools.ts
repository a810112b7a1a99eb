import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import { whyRefused } from '../catalog/why-refused.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';
import { RpcCode } from '../protocol/rpc-error.ts';

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
 * one is an error that says so, since clients refuse it. What came as a text stays one: no values are made of it, which could take many times its room.
 */
export function toResultText(result: ToolResult, hasOutputSchema: boolean): ObjectText {
  const { data, isError, mcp } = result;
  if (mcp) {
    const isKept = !hasOutputSchema || mcp.isError === true || isObject(mcp.structuredContent);
    return ObjectText.from(isKept ? mcp : refused(mcp, 'no "structuredContent"'));
  }
  const plain = { content: [{ type: 'text', text: data }], ...(isError && { isError }) };
  if (!hasOutputSchema) return ObjectText.from(plain);
  const structured = structuredOf(result);
  if (typeof structured === 'string') return ObjectText.from(isError ? plain : refused(plain, structured));
  return ObjectText.EMPTY.withValue('content', plain.content)
    .with('structuredContent', structured)
    .withValue('isError', isError || undefined);
}

/** The object that an answer has, or what it is instead. */
function structuredOf(result: ToolResult): ObjectText | Buffer | string {
  const { data, structuredText } = result;
  if (structuredText !== undefined) return Buffer.from(structuredText);
  if (result.structured) return ObjectText.from(result.structured);
  if (result.isError) return 'an error';
  try {
    return ObjectText.read(Buffer.from(data));
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return `${error.rpcCode === RpcCode.parseError ? 'a text that is no JSON' : kindOf(data)} of ${data.length} characters`;
  }
}

/** An answer that is not what its tool promises: why, and what it was after that. */
function refused(result: JsonObject, found: string): JsonObject {
  const { content } = result;
  const text = `The tool has an output schema, which promises a JSON object, and answered with ${found}: clients refuse that. Let it answer with an object, or leave out its output schema. Its answer was:`;
  return { ...result, content: [{ type: 'text', text }, ...(Array.isArray(content) ? content : [])], isError: true };
}

/** Of JSON, told by its first character. */
function kindOf(text: string): string {
  const first = text.trimStart().charAt(0);
  if (first === '[') return 'a JSON array';
  if (first === '{') return 'a JSON object nested too deeply';
  const kinds: Readonly<Record<string, string>> = { '"': 'string', t: 'boolean', f: 'boolean', n: 'null' };
  return `JSON (${kinds[first] ?? 'number'})`;
}
