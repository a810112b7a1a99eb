import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Where one call that waits is found. It may have been made, or forgotten. */
export interface ListedApproval {
  readonly id: string;
  /** Of its record. */
  readonly key: string;
  readonly principal: string;
}

/** Which calls wait, since a store finds records by their keys alone. */
export interface ApprovalListRecord {
  readonly calls: readonly ListedApproval[];
}

const schema = z.looseObject({
  calls: z.array(z.looseObject({ id: z.string(), key: z.string(), principal: z.string() })),
});

/** One record. */
export const approvalListRecords: RecordKind<ApprovalListRecord> = {
  prefix: 'approvals',
  outlivesSessions: true,
  parse: recordParser(schema),
};
