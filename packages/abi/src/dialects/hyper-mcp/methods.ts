import { RequestFailedError } from '../../errors.ts';
import {
  inside,
  type JsonObject,
  type Place,
  parseJson,
  readArray,
  readObject,
  readText,
  readTexts,
  refuse,
} from '../../json.ts';
import type { Operation } from '../../roles/operation.ts';
import type { MethodCall } from '../../roles/plugin.ts';
import { readAnswer } from '../extism/answer.ts';
import { decodeContents, decodePromptMessage, withoutNulls } from './content.ts';
import { context } from './context.ts';

type Method = Operation<MethodCall, JsonObject>;
type Read = (answer: JsonObject, whole: Place) => JsonObject;

/** MCP's methods beside those of tools, and how plug-ins of the second version answer them. Source: EXTISM.md §2.2. */
export const METHODS: Readonly<Record<string, Method>> = {
  'prompts/list': list('list_prompts', 'get_prompt', 'prompts', readPrompt),
  'prompts/get': method('get_prompt', asked, readMessages),
  'resources/list': list('list_resources', 'read_resource', 'resources', withoutNulls),
  'resources/templates/list': list('list_resource_templates', 'read_resource', 'resourceTemplates', withoutNulls),
  'resources/read': method('read_resource', ({ uri }) => ({ uri }), readContents),
  'completion/complete': method('complete', completed, readCompletion),
  // The plug-ins' own templates and the description differ in the name.
  'notifications/roots/list_changed': operation(
    'on_roots_list_changed',
    ({ meta = {} }) => ({ meta, _meta: meta }),
    () => ({}),
  ),
};

function operation(exportName: string, encode: (call: MethodCall) => JsonObject, read: Read): Method {
  return {
    exportName,
    encode: (call) => JSON.stringify(encode(call)),
    decode: (answer: string) => {
      const { text, isFailure } = readAnswer(answer);
      if (isFailure) throw new RequestFailedError({ exportName, reason: text });
      const whole: Place = { exportName, field: '' };
      return read(text === '' ? {} : readObject(parseJson(text, exportName), whole), whole);
    },
  };
}

function method(exportName: string, request: (params: JsonObject) => JsonObject, read: Read): Method {
  return operation(exportName, ({ params, meta }) => ({ request: request(params), context: context(meta) }), read);
}

/** An answer without anything is an empty list. */
function list(
  exportName: string,
  needs: string,
  key: string,
  readItem: (item: JsonObject, place: Place) => JsonObject,
): Method {
  const read: Read = (answer, whole) => ({ [key]: items(answer[key] ?? [], inside(whole, key), readItem) });
  return { ...operation(exportName, ({ meta }) => ({ context: context(meta) }), read), needs };
}

function items(
  value: unknown,
  place: Place,
  readItem: (item: JsonObject, place: Place) => JsonObject,
): readonly JsonObject[] {
  return readArray(value, place).map((item, index) => {
    const at = inside(place, index);
    return readItem(readObject(item, at), at);
  });
}

function asked({ name, arguments: args }: JsonObject): JsonObject {
  return { name, ...(args !== undefined && { arguments: args }) };
}

/** Here types of references are written without `ref/`. */
function completed({ ref, argument, context: known }: JsonObject): JsonObject {
  const { type, ...rest } = ref as JsonObject;
  return {
    ref: { ...rest, type: String(type).replace(/^ref\//, '') },
    argument,
    ...(known !== undefined && { context: known }),
  };
}

function readPrompt(given: JsonObject, place: Place): JsonObject {
  const prompt = withoutNulls(given);
  if (prompt.arguments === undefined) return prompt;
  return { ...prompt, arguments: items(prompt.arguments, inside(place, 'arguments'), withoutNulls) };
}

function readMessages(given: JsonObject, whole: Place): JsonObject {
  const { messages, ...rest } = withoutNulls(given);
  if (rest.description !== undefined) readText(rest.description, inside(whole, 'description'));
  return { ...rest, messages: items(messages, inside(whole, 'messages'), decodePromptMessage) };
}

function readContents(given: JsonObject, whole: Place): JsonObject {
  const { contents, ...rest } = withoutNulls(given);
  return { ...rest, contents: items(contents, inside(whole, 'contents'), decodeContents) };
}

function readCompletion(given: JsonObject, whole: Place): JsonObject {
  const place = inside(whole, 'completion');
  const { values, ...rest } = withoutNulls(readObject(given.completion, place));
  if (values === undefined) refuse(inside(place, 'values'), 'an array', values);
  const { total, hasMore } = rest;
  if (total !== undefined && typeof total !== 'number') refuse(inside(place, 'total'), 'a number', total);
  if (hasMore !== undefined && typeof hasMore !== 'boolean') refuse(inside(place, 'hasMore'), 'true or false', hasMore);
  return { completion: { ...rest, values: readTexts(values, inside(place, 'values')) } };
}
