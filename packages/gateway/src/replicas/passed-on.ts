import type { PassedOutcome } from '../passed-counts.ts';
import type { HttpResponse } from '../transport/http-contract.ts';
import type { PassedHead } from './replica-message.ts';

/** Why an answer does not come, or comes to no end. */
export type PassingProblem =
  | 'holder has ended'
  | 'message was lost'
  | 'holder is not heard'
  | 'hears nothing'
  | 'too large'
  | 'too many';

/** As what each is counted. */
export const COUNTED: Readonly<Record<PassingProblem, PassedOutcome>> = {
  'holder has ended': 'holder-ended',
  'message was lost': 'message-lost',
  'holder is not heard': 'message-lost',
  'hears nothing': 'state-away',
  'too large': 'too-large',
  'too many': 'too-many',
};

/** A request that this gateway passes to the one that has to do it. */
export interface PassedOn {
  readonly to: string;
  readonly head: PassedHead;
  readonly body: Buffer;
  readonly response: HttpResponse;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it may be done twice, where it may: then it is where its holder dies at work on it. */
  readonly isRepeatable?: () => Promise<boolean>;
  /** Ends the answer, which may have begun. */
  readonly fail: (problem: PassingProblem) => void;
}

/** What has become of it: its answer has been written, or is none of this gateway's any more; its holder does nothing for it; or its holder does not hear, though it may live. */
export type Passed = 'passed' | 'not taken' | 'not heard';

/** One that is under way. */
export interface Open extends PassedOn {
  /** Bytes of its body that have been told. */
  told: number;
  /** The part of the answer that comes next. */
  part: number;
  /** The part that was asked for again. */
  askedFor: number | undefined;
  /** Bytes of the answer that the client has taken, and of how many of them the holder knows. */
  written: number;
  writtenTold: number;
  readonly settle: (outcome: Passed) => void;
}

/** Whether the part that comes next has been asked for again, and has not come yet. */
export function isMissing({ askedFor, part }: Open): boolean {
  return askedFor === part;
}
