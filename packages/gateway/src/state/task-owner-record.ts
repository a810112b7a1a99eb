import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Whose a task is. Servers number their tasks on their own, so the server is part of the key. */
export interface TaskOwnerRecord {
  /** The session, or the caller and connection where there is none, that asked for it. */
  readonly session: string;
  readonly principal: string;
  /** Milliseconds since 1970. Where two servers give a client one id, it is the first one's. */
  readonly since: number;
  /** The gateway whose own server works on it; absent where all gateways ask the same server. */
  readonly holder?: string | undefined;
  /** The call that began it, as its guard was asked about it; null where it was too long to be kept, absent where no guard was asked. */
  readonly call?: TaskCall | null | undefined;
}

/** What a guard was asked about. */
export interface TaskCall {
  readonly tool: string;
  readonly args: unknown;
}

const call = z.looseObject({ tool: z.string(), args: z.unknown() });

const schema = z.looseObject({
  session: z.string(),
  principal: z.string(),
  since: z.number().default(0),
  holder: z.string().optional(),
  call: call.nullable().optional(),
});

/** Key: server, task id. Who knows the task alone asks for each server that the caller sees. */
export const taskOwnerRecords: RecordKind<TaskOwnerRecord> = { prefix: 'task', parse: recordParser(schema) };
