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

/** What an answer of `execute` begins with; the rest is JSON, of an `err` as well, or the sentence that says why there was no call. */
export const AnswerMark = { result: '+', error: '-', refusal: '!' } as const;

/**
 * The answer of `execute`: a text that is a string is given as it is, anything else as JSON. That JSON is passed on as it was written: parsed and written again it
 * would hold up the thread that all calls share, for longer than all else of a call with a large answer.
 */
export function decodeAnswer(text: string): ToolResult {
  const rest = text.slice(1);
  if (text[0] === AnswerMark.refusal) return { data: `Error: ${rest}`, isError: true };
  let structured: { readonly result: unknown } | undefined;
  return {
    data: rest.startsWith('"') ? (parseJson(rest, 'execute') as string) : rest,
    isError: text[0] === AnswerMark.error,
    get structured() {
      structured ??= { result: parseJson(rest, 'execute') };
      return structured;
    },
    structuredText: `{"result":${rest}}`,
  };
}
