import { MessageError } from '../../errors.ts';
import {
  inside,
  isObject,
  type JsonObject,
  type Place,
  parseJson,
  readArray,
  readObject,
  readText,
  refuse,
} from '../../json.ts';
import type { ToolDefinition, ToolResult } from '../../roles/plugin.ts';
import { readAnswer } from '../extism/answer.ts';
import { decodeItem, withoutNulls } from './content.ts';

const RESULT_FIELDS = ['content', 'structuredContent', 'isError', '_meta'] as const;

/**
 * The answer to a question for the tools; one without any means none.
 *
 * @throws ABI_BAD_MESSAGE naming the tool by its index, and the field; also for a guest that fails.
 */
export function decodeToolList(answer: string, exportName: string): readonly ToolDefinition[] {
  const { text, isFailure } = readAnswer(answer);
  const whole: Place = { exportName, field: '' };
  if (isFailure) throw new MessageError({ ...whole, problem: `is a failure: ${text}` });
  if (text === '') return [];
  const tools = inside(whole, 'tools');
  const names = new Set<string>();
  return readArray(readObject(parseJson(text, exportName), whole).tools ?? [], tools).map((value, index) => {
    const tool = decodeTool(readObject(value, inside(tools, index)), inside(tools, index));
    if (names.has(tool.name)) refuse(inside(inside(tools, index), 'name'), 'a name that no other tool has', tool.name);
    names.add(tool.name);
    return tool;
  });
}

/** The answer to a call: what the guest fails with is an error of the tool. @throws ABI_BAD_MESSAGE for what is no result */
export function decodeToolResult(answer: string, exportName: string): ToolResult {
  const { text, isFailure } = readAnswer(answer);
  if (isFailure) return { data: text, isError: true };
  const whole: Place = { exportName, field: '' };
  const result = withoutNulls(readObject(parseJson(text, exportName), whole));
  if (RESULT_FIELDS.every((field) => result[field] === undefined))
    throw new MessageError({ ...whole, problem: `has none of ${RESULT_FIELDS.join(', ')}` });
  const place = inside(whole, 'content');
  const content = readArray(result.content ?? [], place).map((item, index) => decodeItem(item, inside(place, index)));
  const { structuredContent, isError = false, _meta } = result;
  if (typeof isError !== 'boolean') refuse(inside(whole, 'isError'), 'true or false', isError);
  return {
    data: content.flatMap((item) => (item.type === 'text' ? [item.text] : [])).join('\n'),
    isError,
    mcp: {
      content,
      ...optionalObject('structuredContent', structuredContent, whole),
      ...(isError && { isError }),
      ...optionalObject('_meta', _meta, whole),
    },
  };
}

function decodeTool(given: JsonObject, place: Place): ToolDefinition {
  const json = withoutNulls(given);
  const name = readText(json.name, inside(place, 'name'));
  if (name === '') refuse(inside(place, 'name'), 'a name', name);
  return {
    ...{ name, parameters: {}, required: [] },
    ...(json.title !== undefined && { title: readText(json.title, inside(place, 'title')) }),
    description: readText(json.description ?? '', inside(place, 'description')),
    inputSchema: readObject(json.inputSchema, inside(place, 'inputSchema')),
    ...optionalObject('outputSchema', json.outputSchema, place),
    ...optionalObject('annotations', json.annotations, place),
  };
}

function optionalObject<K extends string>(key: K, value: unknown, place: Place): { [P in K]?: JsonObject } {
  if (value === undefined) return {};
  return { [key]: isObject(value) ? value : refuse(inside(place, key), 'an object', value) } as {
    [P in K]?: JsonObject;
  };
}
