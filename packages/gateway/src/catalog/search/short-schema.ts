import { ObjectText } from '../../protocol/frame/object-text.ts';

/** Schemas up to so many bytes are given whole. */
const MAX_BYTES = 16_384;

/** Parameters that are named of a larger one, and characters of the longest name. */
const MAX_NAMED = 50;
const MAX_NAME = 200;

/** An input schema for a model: as it is, or of one that is larger than 16 KiB the names and types of fifty parameters, the required ones first. */
export function shortSchema(schema: ObjectText): ObjectText {
  if (schema.byteLength <= MAX_BYTES) return schema;
  const properties = schema.object('properties') ?? ObjectText.EMPTY;
  const required = new Set(namesIn(schema.value('required')));
  const all = [...properties.keys()];
  const named = all
    .filter((name) => name.length <= MAX_NAME)
    .sort((one, other) => Number(required.has(other)) - Number(required.has(one)))
    .slice(0, MAX_NAMED);
  return ObjectText.from({
    type: 'object',
    properties: Object.fromEntries(named.map((name) => [name, typeOf(properties.object(name))])),
    required: named.filter((name) => required.has(name)),
    $comment: `Cut: ${named.length} of ${all.length} parameters, without what is said of them. All of it: detail "full".`,
  });
}

function namesIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function typeOf(property: ObjectText | undefined): object {
  const type = property?.text('type');
  return type === undefined || type.length > MAX_NAME ? {} : { type };
}
