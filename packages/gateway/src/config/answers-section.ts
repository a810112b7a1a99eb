import * as z from 'zod';
import { Query, QueryError } from '../query/query.ts';

/** What clients get of a tool's answers. */
export interface AnswerRule {
  /** JSON Pointers of what is kept; a step from a list goes into each of its elements. @default everything */
  readonly fields?: readonly string[] | undefined;
  /** JSON Pointers of what is left out. */
  readonly omit?: readonly string[] | undefined;
  /** A JMESPath expression; what it finds is the answer. */
  readonly query?: string | undefined;
  /** Lists of ten or more like objects become tables. @default false */
  readonly columns?: boolean | undefined;
}

/** Rules by tool. */
export type AnswerRules = Readonly<Record<string, AnswerRule>>;

const pointers = (meaning: string) =>
  z
    .array(
      z
        .string()
        .max(1_000)
        .regex(/^(\/([^~/]|~[01])*)+$/, 'expected a JSON Pointer such as "/items/title"'),
    )
    .min(1)
    .max(100)
    .optional()
    .describe(meaning);

const shape = {
  fields: pointers('JSON Pointers of what is kept, into each element of a list'),
  omit: pointers('JSON Pointers of what is left out'),
  query: z
    .string()
    .min(1)
    .superRefine((text, context) => {
      try {
        new Query(text);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional()
    .describe('JMESPath; what it finds is the answer'),
  columns: z.boolean().optional().describe('Lists of ten or more like objects become tables'),
};

const QUERY_ALONE = 'goes without "fields" and "omit": the query says all of it';

export const answerRule: z.ZodType<AnswerRule> = z
  .strictObject(shape)
  .refine(({ query, fields, omit }) => query === undefined || (fields ?? omit) === undefined, {
    path: ['query'],
    message: QUERY_ALONE,
  });

export const answerRules: z.ZodType<AnswerRules> = z
  .record(z.string().min(1), answerRule)
  .describe('What clients get of the answers, by tool; "*" at the end matches any rest');
