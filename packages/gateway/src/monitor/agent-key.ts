import { parseJson } from '../json.ts';
import type { Peer } from '../protocol/peer.ts';

/** Who calls: the authenticated principal and the session it works in. Two clients with one key are two agents. */
export interface AgentKey {
  readonly principal: string;
  /** Undefined for requests without a session: they may be of any client of the principal. */
  readonly session?: string | undefined;
}

/** One text for each agent, whatever characters a principal's name has. */
export function nameOfAgent({ principal, session }: AgentKey): string {
  return JSON.stringify(session === undefined ? [principal] : [principal, session]);
}

/** The agent of a name that {@link nameOfAgent} has made. */
export function agentOfName(name: string): AgentKey {
  const [principal = '', session] = parseJson(name) as [string, string?];
  return { principal, session };
}

/** The agent that the monitor takes a client for. In the modern era there are no sessions. */
export function agentOf({ caller, era, key }: Peer): AgentKey {
  return { principal: caller.name, session: era === 'legacy' ? key : undefined };
}
