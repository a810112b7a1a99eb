import { inside, isObject, type JsonObject, type Place, readArray, readObject, readText, refuse } from '../../json.ts';

/** Looks at one field of an object. @throws ABI_BAD_MESSAGE */
type Check = (value: unknown, place: Place) => void;
type Fields = Readonly<Record<string, Check>>;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const ROLES: readonly unknown[] = ['user', 'assistant'];

const orNone =
  (check: Check): Check =>
  (value, place) => {
    if (value !== undefined) check(value, place);
  };
const number: Check = (value, place) => {
  if (typeof value !== 'number') refuse(place, 'a number', value);
};
const base64: Check = (value, place) => {
  const text = readText(value, place);
  if (text.length % 4 !== 0 || !BASE64.test(text)) refuse(place, 'base64, with its padding', text);
};
const role: Check = (value, place) => {
  if (!ROLES.includes(value)) refuse(place, '"user" or "assistant"', value);
};
const annotations: Check = fields({
  audience: orNone((value, place) => {
    for (const [index, one] of readArray(value, place).entries()) role(one, inside(place, index));
  }),
  priority: orNone((value, place) => {
    if (typeof value !== 'number' || value < 0 || value > 1) refuse(place, 'a number from 0 to 1', value);
  }),
  lastModified: orNone(readText),
});
/** What any item may have. */
const COMMON: Fields = { annotations: orNone(annotations), _meta: orNone(readObject) };
const NAMED: Fields = { ...COMMON, title: orNone(readText), description: orNone(readText), mimeType: orNone(readText) };
const MEDIA: Fields = { ...COMMON, data: base64, mimeType: readText };
const CONTENTS: Fields = { uri: readText, mimeType: orNone(readText), _meta: orNone(readObject) };

/** Source: MCP, "ContentBlock". */
const ITEMS: Readonly<Record<string, Fields>> = {
  text: { ...COMMON, text: readText },
  image: MEDIA,
  audio: MEDIA,
  resource: { ...COMMON, resource: (value, place) => void decodeContents(readObject(value, place), place) },
  resource_link: { ...NAMED, uri: readText, name: readText, size: orNone(number) },
};

/** @throws ABI_BAD_MESSAGE for what is no content of MCP, naming the field: clients check what they get, and refuse the whole answer */
export function decodeItem(value: unknown, place: Place): JsonObject {
  const given = withoutNulls(readObject(value, place));
  const { type } = given;
  const known = typeof type === 'string' && Object.hasOwn(ITEMS, type) ? ITEMS[type] : undefined;
  if (known === undefined) return refuse(inside(place, 'type'), Object.keys(ITEMS).join(' or '), type);
  fields(known)(given, place);
  const item = isObject(given.annotations) ? { ...given, annotations: withoutNulls(given.annotations) } : given;
  if (type === 'resource')
    return { ...item, resource: decodeContents(item.resource as JsonObject, inside(place, 'resource')) };
  if (type !== 'text' || item.mimeType === undefined) return item;
  // Plug-ins of the first version write it, and MCP has no such field there.
  const { mimeType: _, ...text } = item;
  return text;
}

/** What a resource holds: a text, or bytes. @throws ABI_BAD_MESSAGE */
export function decodeContents(given: JsonObject, place: Place): JsonObject {
  const contents = withoutNulls(given);
  fields(CONTENTS)(contents, place);
  if (contents.blob === undefined) readText(contents.text, inside(place, 'text'));
  else base64(contents.blob, inside(place, 'blob'));
  return contents;
}

/** A message of a prompt. @throws ABI_BAD_MESSAGE */
export function decodePromptMessage(given: JsonObject, place: Place): JsonObject {
  const message = withoutNulls(given);
  role(message.role, inside(place, 'role'));
  return { ...message, content: decodeItem(message.content, inside(place, 'content')) };
}

/** Rust writes what is absent as null. */
export function withoutNulls(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/** Checks each of these; null counts as absent, and whatever else there is passes. */
function fields(checks: Fields): Check {
  return (value, place) => {
    const object = readObject(value, place);
    for (const [key, check] of Object.entries(checks)) check(object[key] ?? undefined, inside(place, key));
  };
}
