import { z } from 'zod';
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
});

/**
 * Key: principal, session. These records have no time to live, those of callers without a session neither: labels are given up with the session or by the
 * operator, never silently. Source: DIFC.md, "Every way".
 */
export const agentLabelsRecords: RecordKind<AgentLabelsRecord> = { prefix: 'labels', parse: recordParser(schema) };
