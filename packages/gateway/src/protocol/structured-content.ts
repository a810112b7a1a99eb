import { listText } from './frame/list-text.ts';
import { ObjectText } from './frame/object-text.ts';
import { movedReferences } from './moved-references.ts';

const OPEN_BRACE = 0x7b;

/**
 * A tool of a modern server as legacy clients know tools: there the output of a tool is an object, so a schema of another
 * kind is that of the one property `result`.
 */
export function toolForLegacy(tool: ObjectText): ObjectText {
  const schema = wrappedSchema(tool);
  return schema ? tool.with('outputSchema', wrapSchema(schema)) : tool;
}

/** The result of such a tool as legacy clients know it: wrapped alike, with the value as text where there is no text. */
export function toolResultForLegacy(result: ObjectText, tool: ObjectText | undefined): ObjectText {
  const structured = result.bytes('structuredContent');
  if (!structured) return result;
  const isObjectText = structured[0] === OPEN_BRACE;
  if (isObjectText && !(tool && wrappedSchema(tool))) return result;
  const wrapped = result.with(
    'structuredContent',
    Buffer.concat([Buffer.from('{"result":'), structured, Buffer.from('}')]),
  );
  const blocks = result.list('content') ?? [];
  if (isObjectText || blocks.some((block) => block.text('type') === 'text')) return wrapped;
  const text = ObjectText.from({ type: 'text', text: structured.toString('utf8') });
  return wrapped.with('content', listText([...blocks, text]));
}

/** The schema of an output that is no object. */
function wrappedSchema(tool: ObjectText): ObjectText | undefined {
  const schema = tool.object('outputSchema');
  return schema?.text('type') === 'object' ? undefined : schema;
}

function wrapSchema(schema: ObjectText): Buffer {
  const dialect = schema.text('$schema') === undefined ? [] : ['"$schema":', schema.bytes('$schema') as Buffer, ','];
  const result = movedReferences(schema.toBytes(), '#/properties/result');
  const parts = ['{', ...dialect, '"type":"object","properties":{"result":', result, '},"required":["result"]}'];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}
