import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A call that waits for its client. The call itself waits in its process; this says where, and who may go on with it. */
export interface ParkedCallRecord {
  /** The principal that made the call; nobody else may go on with it. */
  readonly owner: string;
  /** What a request must have in common with the call to go on with it. */
  readonly fingerprint: string;
  /** The gateway that holds the call, where several share the record. */
  readonly holder?: string | undefined;
  /** Milliseconds since 1970. The record's time to live ends then. */
  readonly expiresAt: number;
}

const schema = z.looseObject({
  owner: z.string(),
  fingerprint: z.string(),
  holder: z.string().optional(),
  expiresAt: z.number(),
});

/** Key: the state that the client holds. */
export const parkedCallRecords: RecordKind<ParkedCallRecord> = { prefix: 'parked', parse: recordParser(schema) };
