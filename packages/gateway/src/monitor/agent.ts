import type { AgentLabelsRecord, GrantRecord } from '../state/agent-labels-record.ts';
import { type AgentLabel, join, type Label } from './label.ts';

/** An agent that was granted nothing and has read nothing. */
export const NOTHING: AgentLabelsRecord = { grants: [], readSecrecy: [], readIntegrity: null, givenSecrecy: [] };

/** Whether what a guard granted still counts: its policy and the guard are those of now. */
export type IsInForce = (grant: GrantRecord) => boolean;

/**
 * The label that an agent's record amounts to: what guards granted it, made more restrictive by what it has read. For a session, what its principal
 * has read without one counts as well. Source: DIFC.md, "Every way".
 */
export function labelOf(
  record: AgentLabelsRecord = NOTHING,
  isInForce: IsInForce,
  principal: AgentLabelsRecord = NOTHING,
): AgentLabel {
  const grants = record.grants.filter(isInForce);
  const granted: Label = {
    secrecy: new Set(grants.flatMap(({ secrecy }) => secrecy)),
    integrity: new Set(grants.flatMap(({ integrity }) => integrity)),
  };
  const withReads = [record, principal].reduce((label, { readSecrecy, readIntegrity }) => {
    const read: Label = {
      secrecy: new Set(readSecrecy),
      integrity: readIntegrity ? new Set(readIntegrity) : label.integrity,
    };
    return join(label, read);
  }, granted);
  return { ...withReads, given: new Set([...record.givenSecrecy, ...principal.givenSecrecy]) };
}

/** What the guard of a server granted, if it did. */
export function grantOf(record: AgentLabelsRecord | undefined, server: string): GrantRecord | undefined {
  return record?.grants.find((grant) => grant.server === server);
}

/** What the guard of one server grants this agent; replaces what it granted before, and undoes no reading. */
export function withGrant(record: AgentLabelsRecord = NOTHING, grant: GrantRecord): AgentLabelsRecord {
  return { ...record, grants: [...record.grants.filter(({ server }) => server !== grant.server), grant] };
}

/** Folds in what the agent has been given to read. Labels only become more restrictive; the same record where they do not change. */
export function withRead(record: AgentLabelsRecord = NOTHING, read: Label): AgentLabelsRecord {
  const readSecrecy = [...new Set([...record.readSecrecy, ...read.secrecy])];
  const readIntegrity = record.readIntegrity?.filter((tag) => read.integrity.has(tag)) ?? [...read.integrity];
  const same =
    readSecrecy.length === record.readSecrecy.length && readIntegrity.length === record.readIntegrity?.length;
  return same ? record : { ...record, readSecrecy, readIntegrity };
}

/** Notes what the agent was given by right of its grants; the same record where it was given such before. */
export function withGiven(record: AgentLabelsRecord = NOTHING, secrecy: Iterable<string>): AgentLabelsRecord {
  const givenSecrecy = [...new Set([...record.givenSecrecy, ...secrecy])];
  return givenSecrecy.length === record.givenSecrecy.length ? record : { ...record, givenSecrecy };
}
