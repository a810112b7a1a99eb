import { LockgateError } from '@lockgate/abi';
import type { FlowViolation } from './flow.ts';

/** Where in a call a guard was asked. */
export type GuardPhase = 'loading' | 'label_agent' | 'label_resource' | 'label_response';

interface FlowFacts {
  readonly server: string;
  readonly tool: string;
  readonly violation: FlowViolation;
  /** How many parts of an answer violate; absent where the call was refused before the backend was asked. */
  readonly withheld?: number;
}

/** A call that the reference monitor refused because of its labels. The sentence names tags, never contents. */
export class FlowDeniedError extends LockgateError {
  override readonly name = 'FlowDeniedError';
  readonly code = 'GATEWAY_FLOW_DENIED';
  readonly facts: FlowFacts;

  constructor(facts: FlowFacts) {
    super(`Denied: ${subject(facts)}; ${reasons(facts.violation).join('; ')}.`);
    this.facts = facts;
  }
}

interface GuardFacts {
  readonly server: string;
  readonly guard: string;
  readonly phase: GuardPhase;
  /** The name or code of what went wrong; never what the guard said about the data. */
  readonly reason: string;
}

/** A call that was refused because its guard could not say what the data is. Guards fail closed. Source: DIFC.md. */
export class GuardFailedError extends LockgateError {
  override readonly name = 'GuardFailedError';
  readonly code = 'GATEWAY_GUARD_FAILED';
  readonly facts: GuardFacts;

  constructor(facts: GuardFacts, options?: ErrorOptions) {
    super(
      `Denied: guard "${facts.guard}" of "${facts.server}" failed in ${facts.phase}: ${facts.reason} ` +
        'No call passes without its labels; ask whoever runs the gateway to look at the guard.',
      options,
    );
    this.facts = facts;
  }
}

function subject({ server, tool, violation, withheld }: FlowFacts): string {
  if (withheld !== undefined)
    return `"${tool}" of "${server}" answered with ${withheld === 1 ? 'a part' : `${withheld} parts`} that may not be given`;
  return `"${tool}" of "${server}" may not be called as a ${violation.operation}`;
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
