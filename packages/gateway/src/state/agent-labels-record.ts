import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** What the guard of one server granted an agent, and for which policy. */
export interface GrantRecord {
  readonly server: string;
  /** Changes with the policy and the guard; a grant for another one does not count. */
  readonly policyHash: string;
  readonly mode: 'strict' | 'filter' | 'propagate';
  readonly secrecy: readonly string[];
  readonly integrity: readonly string[];
}

/** The labels of one agent: what guards granted it, and what it has read since. Source: DIFC.md. */
export interface AgentLabelsRecord {
  /** One of each server. A list, since names of servers may be any text, `__proto__` too. */
  readonly grants: readonly GrantRecord[];
  readonly readSecrecy: readonly string[];
  /** What vouched for everything read so far; null until the first read, when everything still does. */
  readonly readIntegrity: readonly string[] | null;
  /**
   * Secrecy of what it was given by right of a grant, in modes that fold nothing. The grant may go with its policy, and what was read stays read: these tags
   * keep the agent from writing, and permit no reading.
   */
  readonly givenSecrecy: readonly string[];
}

const tags = z.array(z.string());

const grant = z.looseObject({
  server: z.string(),
  policyHash: z.string(),
  mode: z.enum(['strict', 'filter', 'propagate']),
  secrecy: tags,
  integrity: tags,
});

const schema = z.looseObject({
  grants: z.array(grant),
  readSecrecy: tags,
  readIntegrity: tags.nullable(),
  givenSecrecy: tags,
});

/**
 * Key: principal, session. Labels are given up with the session, never silently: they live without an end, or where gateways share them longer than its record,
 * with which they are renewed. Source: DIFC.md, "Every way".
 */
export const agentLabelsRecords: RecordKind<AgentLabelsRecord> = { prefix: 'labels', parse: recordParser(schema) };

/** Of a principal's requests without a session, which every session of it is held to as well. Key: principal. The operator alone gives them up. */
export const callerLabelsRecords: RecordKind<AgentLabelsRecord> = { ...agentLabelsRecords, outlivesSessions: true };
