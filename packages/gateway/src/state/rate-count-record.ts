import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Calls of one period. */
export interface RateCountRecord {
  /** Milliseconds since 1970, since several processes read them. */
  readonly endsAt: number;
  readonly calls: number;
}

const schema = z.looseObject({ endsAt: z.number(), calls: z.int().nonnegative() });

/** Key: name of the limit, what has a count of its own. */
export const rateCountRecords: RecordKind<RateCountRecord> = {
  prefix: 'rate-count',
  outlivesSessions: true,
  parse: recordParser(schema),
};
