import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Calls of one day. */
export interface DailyCountRecord {
  /** Days since 1970, in UTC: the latest on which a call was counted. */
  readonly day: number;
  readonly calls: number;
}

const schema = z.looseObject({ day: z.int(), calls: z.int().nonnegative() });

/** Key: name of the limit, what has a count of its own. */
export const dailyCountRecords: RecordKind<DailyCountRecord> = {
  prefix: 'daily-count',
  outlivesSessions: true,
  parse: recordParser(schema),
};
