import { type AgentLabel, type Label, missingFrom } from './label.ts';

export type Operation = 'read' | 'write' | 'read-write';

/** Why a flow is refused: the tags that one side lacks. Names of tags are no contents and may be told to the client. */
export interface FlowViolation {
  readonly operation: 'read' | 'write';
  /** Read: tags of the resource that the agent may not know. Write: tags of the agent that the resource may not hold. */
  readonly secrecy: readonly string[];
  /** Read: what the agent demands and the resource lacks. Write: what the resource demands and the agent lacks. */
  readonly integrity: readonly string[];
}

/**
 * The violation of an operation between an agent and a resource, or none. A read needs agent secrecy ⊇ resource secrecy
 * and resource integrity ⊇ agent integrity; a write needs both the other way round; a read-write needs both.
 * Source: DIFC.md, the table of checks.
 */
export function checkFlow(operation: Operation, agent: AgentLabel, resource: Label): FlowViolation | undefined {
  switch (operation) {
    case 'read':
      return violation('read', resource, agent);
    case 'write':
      return violation('write', writing(agent), resource);
    case 'read-write':
      return violation('write', writing(agent), resource) ?? violation('read', resource, agent);
    default: {
      const unknown: never = operation;
      throw new TypeError(`Expected "read", "write" or "read-write", got ${String(unknown)}.`);
    }
  }
}

/** An agent where it writes: whatever it was given goes with it. */
function writing(agent: AgentLabel): Label {
  const { secrecy, integrity, given } = agent;
  return given ? { secrecy: new Set([...secrecy, ...given]), integrity } : agent;
}

/** Data flows from one label to another: secrets must be allowed to arrive, and what arrives must be vouched for. */
function violation(operation: 'read' | 'write', from: Label, to: Label): FlowViolation | undefined {
  const secrecy = missingFrom(to.secrecy, from.secrecy);
  const integrity = missingFrom(from.integrity, to.integrity);
  return secrecy.length === 0 && integrity.length === 0 ? undefined : { operation, secrecy, integrity };
}
