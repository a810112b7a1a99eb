import type { GuestLogLevel } from '@lockgate/abi';
import type { GuestCode } from '../guest/guest.ts';
import type { GuestState } from '../guest/guest-state.ts';
import type { WasiGrants } from '../options.ts';
import type { WireFault } from './wire-fault.ts';
import type { DialectReference } from './worker-dialect.ts';

/**
 * The words of the control block, an `Int32Array` that both threads see. Messages themselves lie in the data block;
 * whoever has the turn may write there.
 */
export const Word = {
  /** What the worker shall do; it sleeps while this is {@link Signal.wait}. */
  signal: 0,
  /** Length of the message in the data block, in bytes. */
  byteLength: 1,
  /**
   * Of a call: the operation's place in the dialect's codec. Of an answer that is a number: the number. Of a guest that is
   * ready: 1 if it can be parked.
   */
  detail: 2,
  /** The guest's memory after its last call, in pages of 64 KiB. */
  memoryPages: 3,
  /** Bytes the guest could not free, unsigned. */
  leakedBytes: 4,
  /** What Linux calls the thread; 0 elsewhere. */
  threadNumber: 5,
  /** Whether the main thread looks for the answer where it is, one of {@link Attention}. */
  attention: 6,
  /** What an answer is that was found there: {@link Report.text} or {@link Report.number}. */
  report: 7,
} as const;

/** Length of the control block, in bytes. */
export const CONTROL_BYTES = 64;

/** From the main thread, in the control block, so that a sleeping worker wakes. */
export const Signal = {
  wait: 0,
  /** Call an export; the data block holds its input. */
  call: 1,
  /** The host's answer is in the data block. */
  reply: 2,
  /** The host has no answer. */
  noReply: 3,
  /** Trap the guest; the data block holds the reason. */
  trap: 4,
  /** Leave this thread to another guest. */
  park: 5,
  /** A function that was given by name has failed; the data block holds why. */
  failed: 6,
  /** Give this thread up: nobody calls the guest again. */
  leave: 7,
} as const;

/**
 * Where the main thread is when the worker has an answer. Having woken the worker it looks for an answer once, before it
 * goes on: the system often lets a thread that was woken run first.
 */
export const Attention = {
  /** In its event loop, or on the way there: answers are to be posted. */
  elsewhere: 0,
  here: 1,
  /** The worker has put its answer there, and posts nothing. */
  answered: 2,
} as const;

/** From the worker, as messages, so that the main thread hears them from its event loop, after the log lines before them. */
export const Report = {
  /** The guest is ready for its first call. */
  ready: 1,
  text: 2,
  number: 3,
  /** A request JSON for `host_http_request`. */
  http: 4,
  /** A tool's name and its arguments for `call_backend`; `detail` is the name's length in bytes. */
  backend: 5,
  /** The guest's start-up begins. */
  starting: 6,
  /** The thread is up, and waits for its first guest. */
  up: 7,
  /** The guest cannot leave this thread. */
  stays: 8,
  /** A call of a function that was given by name, as `encodeNamedCall` has it. */
  named: 9,
  /** The guest has given the thread up. */
  left: 10,
} as const;

/**
 * Everything the worker sends: a report, a line of the guest's log, a call's failure and whether another guest may have the thread after it,
 * what should be known of the guest, or its state as it leaves.
 */
export type WorkerMessage =
  | number
  | { readonly level: GuestLogLevel; readonly line: string }
  | { readonly fault: WireFault; readonly sparesThread: boolean }
  | { readonly warning: string; readonly exportName: string }
  | { readonly parked: GuestState };

/** What a guest is started with, sent to a thread that has none. */
export interface GuestMessage {
  readonly module: GuestCode;
  readonly dialect: DialectReference;
  readonly maxMessageBytes: number;
  /** What its dialect says where it is undefined. */
  readonly memoryCeilingBytes: number | undefined;
  readonly maxLogLinesPerCall: number;
  readonly grants: WasiGrants;
  /** Of the guest that was parked, and now goes on. */
  readonly state: GuestState | undefined;
}

/** What a thread is started with. */
export interface ThreadSetup {
  readonly control: SharedArrayBuffer;
  /** Grows as messages do, up to its maximum; it never shrinks. */
  readonly data: SharedArrayBuffer;
}
