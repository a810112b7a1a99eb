import { fitsSchema } from '../catalog/arguments/schema-errors.ts';
import { listText } from '../protocol/frame/list-text.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isMembers } from '../query/exact-json.ts';
import { QueryError } from '../query/query.ts';
import type { AnswerForm } from './answer-form.ts';
import { ANSWER_KEY } from './asked-form.ts';
import { withColumns } from './columns.ts';
import { Payload } from './payload.ts';

/** The form could not be given to an answer, which has to be given whole then: the tool was called, and nobody calls twice for it. */
class NoSuchPart extends Error {}

/**
 * An answer of a tool in a form. What is no list and no object stays as it is, as do errors; where the form asks for what is not there, the answer stays whole
 * and says so.
 *
 * Structured content stays where the tool promises some and what is left of it keeps that promise; else it is left out, which `_meta` says.
 *
 * @param outputSchema - Of the tool, where it has one.
 */
export function fitAnswer(result: ObjectText, form: AnswerForm, outputSchema: ObjectText | undefined): ObjectText {
  const payload = Payload.of(result);
  if (!payload || payload.isError) return result;
  const { value } = payload;
  if (value === undefined) return result;
  try {
    const projected = partOf(value, form);
    const plain = JSON.stringify(projected) ?? 'null';
    const text = form.columns ? shorter(plain, JSON.stringify(withColumns(projected))) : plain;
    // It may be the same answer with less space in it.
    if (projected === value && text === plain) return result;
    const promised = text === plain ? promisedContent(projected, plain, outputSchema) : undefined;
    const isLeftOut = payload.isStructured && !promised;
    const said = {
      bytes: Buffer.byteLength(payload.text),
      given: Buffer.byteLength(text),
      ...(isLeftOut && { structuredContent: 'left out: it would not fit the schema of the tool' }),
    };
    return payload.replaced([textBlock(text)], payload.isStructured ? promised : undefined, ANSWER_KEY, said);
  } catch (error) {
    if (error instanceof NoSuchPart) return form.isGeneral ? result : whole(result, error.message);
    // Thousands of levels of nesting.
    if (error instanceof RangeError) return whole(result, 'it is nested too deeply');
    throw error;
  }
}

function textBlock(text: string): ObjectText {
  return ObjectText.from({ type: 'text', text });
}

function partOf(value: unknown, form: AnswerForm): unknown {
  try {
    const part = form.project(value);
    if (part === undefined) throw new NoSuchPart('none of the fields is in it');
    return part;
  } catch (error) {
    if (error instanceof QueryError) throw new NoSuchPart(`the query ${error.message}`);
    throw error;
  }
}

function shorter(one: string, other: string): string {
  return other.length < one.length ? other : one;
}

/** Undefined where the tool promises none, or something else. */
function promisedContent(value: unknown, text: string, schema: ObjectText | undefined): ObjectText | undefined {
  if (!schema || !isMembers(value)) return undefined;
  const content = ObjectText.read(Buffer.from(text));
  return fitsSchema(schema, content) ? content : undefined;
}

function whole(result: ObjectText, why: string): ObjectText {
  const blocks = result.list('content') ?? [];
  return result.with('content', listText([...blocks, textBlock(`[All of the answer: ${why}.]`)]));
}
