import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Who has the turn at something, until it is given back or its time is over. */
export interface LeaseRecord {
  /** Never the same twice. */
  readonly turn: string;
}

/** Key: what it is a turn at. */
export const leaseRecords: RecordKind<LeaseRecord> = {
  prefix: 'lease',
  outlivesSessions: true,
  parse: recordParser(z.looseObject({ turn: z.string() })),
};
