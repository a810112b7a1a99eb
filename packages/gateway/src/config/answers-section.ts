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
  /** Bytes above which an answer is kept and given in part; 0 for no limit. @default "gateway.answers.maxResultBytes" */
  readonly maxResultBytes?: number | undefined;
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
  maxResultBytes: z.int().min(0).optional().describe('Bytes above which the answer is kept and given in part'),
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

/** The key "gateway.answers": how long answers may be, and where longer ones are kept. */
export interface AnswersSection {
  /** Bytes above which an answer of a tool is kept and given in part; 0 for no limit. @default 0 */
  readonly maxResultBytes: number;
  /** Bytes of the part that is given. @default 2_000 */
  readonly previewBytes: number;
  readonly store: AnswerStoreSection;
}

/** Where long answers are kept, each in a file that only the gateway's process can read. */
export interface AnswerStoreSection {
  /** @default the system's folder for temporary files */
  readonly dir?: string | undefined;
  /** Of all sessions together. @default 268_435_456 (256 MiB) */
  readonly maxBytes: number;
  /** Of one session; its oldest answers make way for newer ones. @default 67_108_864 (64 MiB) */
  readonly maxSessionBytes: number;
  /** @default 1_800_000 (30 minutes) */
  readonly keepMs: number;
}

const MIB = 1024 * 1024;

export const answersSection: z.ZodType<AnswersSection> = z.strictObject({
  maxResultBytes: z
    .int()
    .min(0)
    .default(0)
    .describe("Bytes above which a tool's answer is kept and given in part; 0: none"),
  previewBytes: z.int().min(0).max(MIB).default(2_000).describe('Bytes of the part that is given'),
  store: z
    .strictObject({
      dir: z
        .string()
        .min(1)
        .optional()
        .describe("Where long answers are kept; the system's temporary folder when absent"),
      maxBytes: z
        .int()
        .min(0)
        .default(256 * MIB)
        .describe('Bytes of all kept answers together'),
      maxSessionBytes: z
        .int()
        .min(0)
        .default(64 * MIB)
        .describe('Bytes of the kept answers of one session'),
      keepMs: z
        .int()
        .min(1_000)
        .max(2 ** 31 - 1)
        .default(1_800_000)
        .describe('How long answers are kept'),
    })
    .prefault({}),
});
