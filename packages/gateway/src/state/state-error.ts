import { LockgateError } from '@lockgate/abi/without-guests';

/** Why the state store could not do what it was asked. */
export type StateProblem =
  /** Nothing is known of the records now: the store does not answer, or answers with an error of its own. `mayBeDone`: it was asked, and may have done it. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly mayBeDone?: boolean }
  /** The store answers, and does not let its user do what it was asked; `lacks` says what the user's access list has to be given. */
  | { readonly kind: 'forbidden'; readonly lacks: string }
  /** The store was closed. */
  | { readonly kind: 'closed' }
  /** The store has no room for another record, and removes none that has not expired; `holds` says what it has, where it is known. */
  | { readonly kind: 'full'; readonly holds?: string | undefined }
  /** A record is not what its readers expect; `reason` names the field, never its contents. */
  | { readonly kind: 'unreadable'; readonly record: string; readonly isOfSession: boolean; readonly reason: string }
  /** Others changed the record each time between reading and writing it. */
  | { readonly kind: 'contended'; readonly record: string; readonly tries: number }
  /** A record that was written is gone, though nobody here removed it. */
  | { readonly kind: 'lost'; readonly record: string; readonly isOfSession: boolean };

/** The state store failed. Whoever needs a record to decide something decides against the request. */
export class StateError extends LockgateError {
  override readonly name = 'StateError';
  readonly code = 'GATEWAY_STATE';
  readonly problem: StateProblem;

  constructor(problem: StateProblem, options?: ErrorOptions) {
    super(sentence(problem), options);
    this.problem = problem;
  }
}

function sentence(problem: StateProblem): string {
  switch (problem.kind) {
    case 'unreachable':
      return `The gateway's state store cannot be reached (${problem.reason}). Try later; whoever runs the gateway can look at the store.`;
    case 'forbidden':
      return `The access list of the gateway's state store does not let its user do what it needs: it lacks ${problem.lacks} (NOPERM). Whoever runs the store can add that (in Redis with ACL SETUSER).`;
    case 'closed':
      return "The gateway's state store is closed.";
    case 'full':
      return `The gateway's state store is full${problem.holds === undefined ? '' : `, with ${problem.holds}`}, and takes no more. End sessions that are not needed, or try later.`;
    case 'unreadable':
      return `A record of the gateway's state store ("${problem.record}") cannot be read: ${problem.reason}. ${remedy(problem)}; if that does not help, the store holds records of another version.`;
    case 'contended':
      return `A record of the gateway's state store ("${problem.record}") was changed by others in each of ${problem.tries} tries. Try again.`;
    case 'lost':
      return `A record of the gateway's state store ("${problem.record}") is gone: ${problem.isOfSession ? 'the session has ended, or ' : ''}the store has lost its records. ${remedy(problem)}.`;
    default: {
      const unknown: never = problem;
      throw new TypeError(`Expected a problem of a state store, got ${String(unknown)}.`);
    }
  }
}

/** A new session helps only where the record would not be asked for again. */
function remedy({ isOfSession }: { readonly isOfSession: boolean }): string {
  return isOfSession
    ? 'Start a new session'
    : 'Whoever runs the gateway can reset this caller, or start the gateway anew';
}
