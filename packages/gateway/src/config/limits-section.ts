import * as z from 'zod';
import { itemPattern } from './item-patterns.ts';

/** What has a count of its own. */
const COUNTED_BY = ['principal', 'server', 'tool'] as const;

export const PERIODS = ['second', 'minute', 'hour', 'day'] as const;

/** How many calls may be made, by whom and of what. A call has to pass all limits that it falls under. */
export interface LimitEntry {
  /** Calls in one period. */
  readonly calls: number;
  /** A day is one of the calendar, in UTC, and its count a quota that is kept in the state store; the others begin with the first call. */
  readonly per: (typeof PERIODS)[number];
  /** Each combination has a count of its own; empty for one count of all. @default ["principal"] */
  readonly by: readonly (typeof COUNTED_BY)[number][];
  /** Patterns of the tools whose calls count. @default every tool, prompt and resource */
  readonly tools?: readonly string[] | undefined;
  /** Whose calls count, by name with `*`. @default everybody's */
  readonly principals?: readonly string[] | undefined;
}

export const limitEntry: z.ZodType<LimitEntry> = z.strictObject({
  calls: z.int().min(1).describe('Calls in one period'),
  per: z.enum(PERIODS).describe('The period; a day is one of the calendar, in UTC'),
  by: z
    .array(z.enum(COUNTED_BY))
    .default(['principal'])
    .describe('What has a count of its own; [] for one count of all'),
  tools: z.array(itemPattern).min(1).optional().describe('Only calls of these tools, as "server/name" with *'),
  principals: z.array(z.string().min(1)).min(1).optional().describe('Only calls of these, by name with *'),
});
