import { factsOf } from '../protocol/methods.ts';
import type { Operation } from './flow.ts';
import type { AgentLabel } from './label.ts';
import type { Mode } from './rule.ts';

/** A label as plain lists, for the audit log and for `lockgate monitor try`. */
export interface PlainLabel {
  readonly secrecy: readonly string[];
  readonly integrity: readonly string[];
}

/** Which way a frame beside the calls went: `up` from client to server, `down` from server to client. */
export interface Channel {
  readonly direction: 'up' | 'down';
  /** Its method; `error` for the error that ends a call. */
  readonly method: string;
}

/** A channel as it may be told: the name of a method that MCP does not define is a text of whoever sent the frame. */
export function told({ direction, method }: Channel): Channel {
  return { direction, method: method === 'error' || factsOf(method) ? method : 'other' };
}

/** All that the monitor knew and decided of one call or of a frame beside it. It holds tags and counts, never arguments or contents. */
export interface Decision {
  readonly server: string;
  readonly tool: string;
  readonly principal: string;
  /** Undefined for a request without a session. */
  readonly session?: string | undefined;
  readonly mode: Mode;
  /** The frame that was decided on, where it is no call and no result. */
  readonly channel?: Channel;
  readonly verdict: 'allowed' | 'filtered' | 'denied';
  /** The agent before the call. */
  readonly agent: PlainLabel;
  /** The agent after it; differs only in propagate mode. */
  readonly agentAfter: PlainLabel;
  readonly operation?: Operation;
  readonly resource?: PlainLabel;
  readonly withheld?: number;
  readonly total?: number;
  /**
   * What said no: the labels, a guard that failed, a limit of "tool-call-limits", or the state store; `channel` where no rule lets such a frame pass.
   * Only of a denial.
   */
  readonly deniedBy?: 'labels' | 'guard' | 'limit' | 'state' | 'channel';
  /** Why it was denied, as the client was told. */
  readonly reason?: string;
  /** Milliseconds spent in each phase that was reached. */
  readonly phaseMs: Readonly<Record<string, number>>;
}

export function plain({ secrecy, integrity, given }: AgentLabel): PlainLabel {
  return { secrecy: [...new Set([...secrecy, ...(given ?? [])])].sort(), integrity: [...integrity].sort() };
}

/** A decision as it may be told. What was said of a method that MCP does not define may repeat its name, so only what said no is left of it. */
export function toldDecision(decision: Decision): Decision {
  const { channel, deniedBy } = decision;
  if (!channel) return decision;
  const way = told(channel);
  if (way.method === channel.method) return decision;
  const { reason: _, ...rest } = decision;
  const tool = decision.tool === channel.method ? way.method : decision.tool;
  return { ...rest, tool, channel: way, ...(deniedBy && { reason: SAID_NO[deniedBy] }) };
}

const SAID_NO: Readonly<Record<NonNullable<Decision['deniedBy']>, string>> = {
  labels: 'its labels do not let it pass',
  guard: 'its guard did not label it',
  limit: 'a limit was reached',
  state: 'the state store failed',
  channel: 'no rule lets it pass',
};
