import { LockgateError } from '@lockgate/abi/without-guests';
import type { FlowViolation } from './flow.ts';

/** Where in a call a guard was asked. */
export type GuardPhase = 'loading' | 'label_agent' | 'label_resource' | 'label_response';

interface FlowFacts {
  readonly server: string;
  readonly tool: string;
  readonly violation: FlowViolation;
  /** What was refused: the call itself, its answer or the error in its place, the answer once more, or the client's answer to a question of the server. */
  readonly at: 'call' | 'answer' | 'again' | 'error' | 'reply';
  /** How many parts of an answer violate. @default 1, the whole of it */
  readonly withheld?: number;
  /** The call writes, and the server has carried it out. @default false */
  readonly isDone?: boolean;
}

/** A call that the reference monitor refused because of its labels. The sentence names tags, never contents. */
export class FlowDeniedError extends LockgateError {
  override readonly name = 'FlowDeniedError';
  readonly code = 'GATEWAY_FLOW_DENIED';
  readonly facts: FlowFacts;

  constructor(facts: FlowFacts) {
    super(`Denied: ${subject(facts)}; ${reasons(facts.violation).join('; ')}. ${remedy(facts)}`);
    this.facts = facts;
  }
}

interface GuardFacts {
  readonly server: string;
  readonly guard: string;
  readonly phase: GuardPhase;
  /** The name or code of what went wrong; never what the guard said about the data. */
  readonly reason: string;
  /** The guard has not failed: it says, in `reason`, why it cannot label this call. @default false */
  readonly isRefusal?: boolean;
}

/** A call that was refused because its guard could not say what the data is. Guards fail closed. Source: DIFC.md. */
export class GuardFailedError extends LockgateError {
  override readonly name = 'GuardFailedError';
  readonly code = 'GATEWAY_GUARD_FAILED';
  readonly facts: GuardFacts;

  constructor(facts: GuardFacts, options?: ErrorOptions) {
    const { guard, server, phase, reason, isRefusal = false } = facts;
    const who = `Denied: guard "${guard}" of "${server}"`;
    super(
      isRefusal
        ? `${who} cannot label this: ${reason}`
        : `${who} failed in ${phase}: ${reason} ` +
            'No call passes without its labels; ask whoever runs the gateway to look at the guard.',
      options,
    );
    this.facts = facts;
  }
}

function subject({ at, server, tool, violation, withheld = 1 }: FlowFacts): string {
  const call = `"${tool}" of "${server}"`;
  switch (at) {
    case 'call':
      return `${call} may not be called as a ${violation.operation}`;
    case 'answer':
      return `${call} answered with ${withheld > 1 ? `${withheld} parts` : 'a part'} that may not be given, and the answer was withheld`;
    case 'again':
      return `what ${call} answered may no longer be given`;
    case 'error':
      return `${call} ended in an error of the server, which was withheld`;
    case 'reply':
      return `the answer to what "${server}" asked during "${tool}" was not sent`;
    default: {
      const unknown: never = at;
      throw new TypeError(String(unknown));
    }
  }
}

function remedy({ violation, isDone }: FlowFacts): string {
  if (isDone) return 'The call was carried out: do not repeat it.';
  if (violation.operation === 'write')
    return 'What an agent has been given it does not forget: write to a place that may hold it, or ask whoever runs the gateway.';
  return 'Ask for something else, or ask whoever runs the gateway for access.';
}

function reasons({ operation, secrecy, integrity }: FlowViolation): string[] {
  const write = operation === 'write';
  const found: string[] = [];
  if (secrecy.length > 0) {
    const lacking = write ? 'the agent carries secrecy that the target may not hold' : 'the agent lacks secrecy';
    found.push(`${lacking}: ${secrecy.join(', ')}`);
  }
  if (integrity.length > 0) {
    const lacking = write
      ? 'the agent lacks integrity that the target demands'
      : 'the data lacks integrity that the agent demands';
    found.push(`${lacking}: ${integrity.join(', ')}`);
  }
  return found;
}
