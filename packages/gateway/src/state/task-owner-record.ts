import { z } from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** Whose a task is. Servers number their tasks on their own, so the server is part of the key. */
export interface TaskOwnerRecord {
  /** The session, or the caller and connection where there is none, that asked for it. */
  readonly session: string;
  readonly principal: string;
}

const schema = z.looseObject({ session: z.string(), principal: z.string() });

/** Key: server, task id. Who knows the task alone asks for each server that the caller sees. */
export const taskOwnerRecords: RecordKind<TaskOwnerRecord> = { prefix: 'task', parse: recordParser(schema) };
