import { parseJson } from '../../json.ts';
import type { ToolDefinition, ToolResult } from '../../roles/plugin.ts';

/** What `execute` is asked. Both ends of this are the host's, in two threads. */
export function decodeQuestion(text: string): { readonly tool: string; readonly args: unknown } {
  return parseJson(text, 'execute') as { readonly tool: string; readonly args: unknown };
}

/** The message to `configure`. */
export function decodeSettings(text: string): Readonly<Record<string, string>> {
  return parseJson(text, 'configure') as Readonly<Record<string, string>>;
}

/** The answer of `tools`. */
export function decodeComponentTools(text: string): readonly ToolDefinition[] {
  return parseJson(text, 'tools') as readonly ToolDefinition[];
}

/** The answer of `execute`: a text that is a string is given as it is, anything else as JSON. */
export function decodeAnswer(text: string): ToolResult {
  const answer = parseJson(text, 'execute') as {
    readonly error?: string;
    readonly result?: unknown;
    readonly isError?: boolean;
  };
  if (answer.error !== undefined) return { data: `Error: ${answer.error}`, isError: true };
  const { result, isError = false } = answer;
  const data = typeof result === 'string' ? result : JSON.stringify(result);
  return { data, isError, structured: { result } };
}
