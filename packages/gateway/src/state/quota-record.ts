import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Calls of one tool. */
export interface QuotaUse {
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
}

/** How often an agent has called tools with a limit. One record for each agent, so that it goes with its session in one step. */
export interface QuotaRecord {
  /** One of each tool that was called. A list, since names of tools may be any text, `__proto__` too. */
  readonly used: readonly QuotaUse[];
}

const use = z.looseObject({ server: z.string(), tool: z.string(), calls: z.int().nonnegative() });

const schema = z.looseObject({ used: z.array(use) });

/** Key: principal, session. They live as labels do: a quota that comes back by waiting is none. */
export const quotaRecords: RecordKind<QuotaRecord> = { prefix: 'quota', parse: recordParser(schema) };

/** Of a principal's requests without a session. Key: principal. */
export const callerQuotaRecords: RecordKind<QuotaRecord> = { ...quotaRecords, outlivesSessions: true };
