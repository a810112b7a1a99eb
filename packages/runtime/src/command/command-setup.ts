import type { GuestCode } from '../guest/guest.ts';
import type { PlacedGrant } from '../options.ts';

/** Words of a guest's control block, an `Int32Array` that both threads see. */
export const ControlWord = {
  /** Counts how often the guest has come to wait for something. */
  waits: 0,
  /** 1 while it waits. */
  isWaiting: 1,
  memoryPages: 2,
  /** What Linux calls its thread; 0 elsewhere. */
  threadNumber: 3,
  /** Bytes of answers to its requests that it has not looked at. */
  answerBytes: 4,
} as const;

/** Length of the control block, in bytes. */
export const CONTROL_BYTES = 20;

/** What the thread of a command is started with. */
export interface CommandSetup {
  readonly code: GuestCode;
  readonly memoryCeilingBytes: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly storage: readonly PlacedGrant[];
  readonly hasKeyValue: boolean;
  /** Requests over HTTP that it may have under way. */
  readonly mostRequests: number;
  /** What it may reach over HTTP, as `http.allow` has it. */
  readonly hosts: readonly string[];
  readonly control: SharedArrayBuffer;
  readonly stdin: SharedArrayBuffer;
  readonly stdout: SharedArrayBuffer;
  readonly stderr: SharedArrayBuffer;
}

/** What the thread says: that its guest is linked, or why it cannot be; a pipe that has to be looked at, a request over HTTP as JSON, or how the guest has ended. */
export type CommandMessage =
  | 'linked'
  | { readonly unlinked: string }
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | { readonly request: number; readonly http: string }
  | { readonly exitCode: number; readonly memoryProblem?: string }
  | { readonly trap: string; readonly stack: string | undefined; readonly memoryProblem?: string };

/** Answers that may be there and not have been looked at, whatever the number of requests is. */
export const MOST_ANSWER_BYTES: number = 128 * 1024 * 1024;

/** What the thread is told: the answer to one of its requests, as JSON in bytes, which take nothing of the memory that is its own. */
export interface HttpAnswerMessage {
  readonly request: number;
  readonly answer: Uint8Array;
}
