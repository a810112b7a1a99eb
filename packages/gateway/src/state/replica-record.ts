import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A gateway that shares this store lives. Gone a few seconds after it has last said so. */
export interface ReplicaRecord {
  /** What it wrote about itself, which nobody needs to know more of. */
  readonly version: string;
}

const schema = z.looseObject({ version: z.string() });

/** Key: its name; with "heard" after it, that another one hears what it says while it hears nothing itself. */
export const replicaRecords: RecordKind<ReplicaRecord> = {
  prefix: 'replica',
  outlivesSessions: true,
  parse: recordParser(schema),
};
