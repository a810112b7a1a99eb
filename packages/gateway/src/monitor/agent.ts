import type { AgentLabelsRecord, GrantRecord } from '../state/agent-labels-record.ts';
import { EMPTY_LABEL, join, type Label } from './label.ts';

const NOTHING: AgentLabelsRecord = { grants: [], readSecrecy: [], readIntegrity: null };

/** The label that an agent's record amounts to: what guards granted, made more restrictive by what was read. */
export function labelOf(record: AgentLabelsRecord | undefined): Label {
  if (!record) return EMPTY_LABEL;
  const granted: Label = {
    secrecy: new Set(record.grants.flatMap(({ secrecy }) => secrecy)),
    integrity: new Set(record.grants.flatMap(({ integrity }) => integrity)),
  };
  const { readSecrecy, readIntegrity } = record;
  return join(granted, {
    secrecy: new Set(readSecrecy),
    integrity: readIntegrity ? new Set(readIntegrity) : granted.integrity,
  });
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
