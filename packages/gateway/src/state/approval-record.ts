import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A call that waits until somebody allows it, or that somebody has decided on. It is taken once, by whichever gateway makes the call. */
export interface ApprovalRecord {
  readonly id: string;
  /** Under which rules it waits: gateways with others leave it alone. */
  readonly policy: string;
  readonly principal: string;
  /** What the client calls itself. */
  readonly client?: string | undefined;
  readonly server: string;
  readonly tool: string;
  /** As people are shown them; cut where they are long. */
  readonly arguments: string;
  /** SHA-256 of the whole arguments, in hex. */
  readonly argumentsDigest: string;
  /** Tags of secrecy that leave with it; absent where none was asked about. */
  readonly leaving?: readonly string[] | undefined;
  readonly state: 'waiting' | 'approved' | 'denied';
  /** Whether its principal may not approve it. */
  readonly otherThanRequester: boolean;
  /** Milliseconds since 1970 at which it is forgotten, as people are told; its time to live decides. */
  readonly until: number;
}

const schema = z.looseObject({
  id: z.string(),
  policy: z.string(),
  principal: z.string(),
  client: z.string().optional(),
  server: z.string(),
  tool: z.string(),
  arguments: z.string(),
  argumentsDigest: z.string(),
  leaving: z.array(z.string()).optional(),
  state: z.enum(['waiting', 'approved', 'denied']),
  otherThanRequester: z.boolean(),
  until: z.number(),
});

/** Key: digest of all that the approval is bound to. Gone after five minutes. */
export const approvalRecords: RecordKind<ApprovalRecord> = {
  prefix: 'approval',
  outlivesSessions: true,
  parse: recordParser(schema),
};
