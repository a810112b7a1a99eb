import { setImmediate } from 'node:timers/promises';
import { fitsSchema } from '../catalog/arguments/schema-errors.ts';
import { listText } from '../protocol/frame/list-text.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isMembers } from '../query/exact-json.ts';
import { QueryError } from '../query/query.ts';
import { withinDeadline } from '../within-deadline.ts';
import type { AnswerForm } from './answer-form.ts';
import { ANSWER_KEY } from './asked-form.ts';
import { withColumns } from './columns.ts';
import type { LongAnswer } from './cut-answer.ts';
import { Payload } from './payload.ts';

/** Longest time in which lists become tables, in milliseconds, and bytes up to which it takes less whatever is in them. */
const COLUMNS_MS = 100;
const FEW_BYTES = 65_536;

/** Of an answer that is longer, each step is a turn of its own: others are answered between. */
const ONE_TURN_BYTES = 262_144;

/** The form could not be given to an answer, which has to be given whole then: the tool was called, and nobody calls twice for it. */
class NoSuchPart extends Error {}

/** Keeps an answer that is too long, and gives the blocks in its place. */
export type Cut = (answer: Omit<LongAnswer, 'tool'>) => Promise<readonly ObjectText[]>;

interface Fitted {
  readonly text: string;
  /** The same, with no lists as tables. */
  readonly plain: string;
  readonly value: unknown;
  /** Said to the model, where the form could not be given. */
  readonly note?: string | undefined;
}

/**
 * An answer of a tool in a form. What is no list and no object stays as it is, as do errors; where the form asks for what is not there, the answer stays whole
 * and says so. What is longer than the form's limit then is cut.
 *
 * Structured content stays where the tool promises some and what is left of it keeps that promise; else it is left out, which `_meta` says.
 *
 * @param outputSchema - Of the tool, where it has one.
 */
export async function fitAnswer(
  result: ObjectText,
  form: AnswerForm,
  outputSchema: ObjectText | undefined,
  cut: Cut,
): Promise<ObjectText> {
  const { maxResultBytes } = form;
  const mayBeLong = maxResultBytes > 0 && result.byteLength > maxResultBytes;
  if (!form.reshapes && !mayBeLong) return result;
  const payload = Payload.of(result);
  if (!payload) return result;
  const { text, plain, value, note } = await fitted(payload, form);
  const given = Buffer.byteLength(text);
  const bytes = Buffer.byteLength(payload.text);
  const said = note === undefined ? [] : [noteBlock(note)];
  const isLong = (size: number): boolean => mayBeLong && size > maxResultBytes;
  if (isLong(given)) {
    const blocks = await cut({ text: plain, value, limit: maxResultBytes });
    const meta = { bytes, given: sizeOf(blocks), ...leftOut(payload, undefined, 'the answer is cut') };
    return payload.replaced([...blocks, ...said], undefined, ANSWER_KEY, meta);
  }
  const isAsItWas = text === payload.text;
  const words = Buffer.byteLength(payload.words);
  if (isAsItWas && isLong(words)) {
    // The data itself is short, and what is said of it is not.
    const blocks = await cut({ text: payload.words, value: undefined, limit: maxResultBytes });
    const structured = payload.structured;
    return payload.replaced([...blocks, ...said], structured, ANSWER_KEY, { bytes: words, given: sizeOf(blocks) });
  }
  // Structured content is the text again.
  const isTwice = payload.isStructured && words === 0 && isLong(2 * given);
  if (isAsItWas && !isTwice) return note === undefined ? result : withNote(result, note);
  const promised = text === plain && !isTwice ? promisedContent(value, plain, outputSchema) : undefined;
  const structured = payload.isStructured ? promised : undefined;
  const block = ObjectText.from({ type: 'text', text });
  const why = isTwice
    ? 'the answer would be too long'
    : outputSchema
      ? 'it would not fit the schema of the tool'
      : 'the tool has no output schema';
  return payload.replaced([block, ...said], structured, ANSWER_KEY, {
    bytes,
    given,
    ...leftOut(payload, structured, why),
  });
}

/** What is given of the data, however long. */
async function fitted(payload: Payload, form: AnswerForm): Promise<Fitted> {
  const { text: whole, value } = payload;
  const asItIs = (note?: string): Fitted => ({ text: whole, plain: whole, value, note });
  const nextTurn = whole.length > ONE_TURN_BYTES ? () => setImmediate() : undefined;
  if (payload.isError || !form.reshapes) return asItIs();
  if (value === undefined) return asItIs(form.isGeneral ? undefined : payload.whyWhole);
  try {
    await nextTurn?.();
    const projected = partOf(value, whole.length, form);
    await nextTurn?.();
    const plain = JSON.stringify(projected) ?? 'null';
    await nextTurn?.();
    const text = form.columns ? shorter(plain, tablesOf(projected, plain.length)) : plain;
    // It may be the same answer with less space in it.
    return projected === value && text === plain ? asItIs() : { text, plain, value: projected };
  } catch (error) {
    if (error instanceof NoSuchPart) return asItIs(form.isGeneral ? undefined : error.message);
    // Thousands of levels of nesting.
    if (error instanceof RangeError) return asItIs('it is nested too deeply');
    throw error;
  }
}

function partOf(value: unknown, byteLength: number, form: AnswerForm): unknown {
  try {
    const part = form.project(value, byteLength);
    if (part === undefined) throw new NoSuchPart('none of the fields is in it');
    return part;
  } catch (error) {
    if (error instanceof QueryError) throw new NoSuchPart(`the query ${error.message}`);
    throw error;
  }
}

/** Undefined where that takes too long. */
function tablesOf(value: unknown, byteLength: number): string | undefined {
  const tables = (): string => JSON.stringify(withColumns(value));
  if (byteLength <= FEW_BYTES) return tables();
  try {
    return withinDeadline(COLUMNS_MS, tables);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

function shorter(one: string, other: string | undefined): string {
  return other !== undefined && other.length < one.length ? other : one;
}

/** Undefined where the tool promises none, or something else. */
function promisedContent(value: unknown, text: string, schema: ObjectText | undefined): ObjectText | undefined {
  if (!schema || !isMembers(value)) return undefined;
  const content = ObjectText.read(Buffer.from(text));
  return fitsSchema(schema, content) ? content : undefined;
}

function leftOut(payload: Payload, structured: ObjectText | undefined, why: string): object {
  return payload.isStructured && !structured ? { structuredContent: `left out: ${why}` } : {};
}

function withNote(result: ObjectText, why: string): ObjectText {
  const blocks = result.list('content') ?? [];
  return result.with('content', listText([...blocks, noteBlock(why)]));
}

function noteBlock(why: string): ObjectText {
  return ObjectText.from({ type: 'text', text: `[All of the answer: ${why}.]` });
}

function sizeOf(blocks: readonly ObjectText[]): number {
  return blocks.reduce((sum, block) => sum + block.byteLength, 0);
}
