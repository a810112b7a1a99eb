import type { Dialect, GuestAnswer } from '@lockgate/abi';
import type { GuestCode } from '../guest/guest.ts';
import type { GuestState } from '../guest/guest-state.ts';
import type { LogSink } from '../host/guest-log.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { ResolvedLimits, WasiGrants } from '../options.ts';
import type { LoopTurns } from './loop-turns.ts';
import type { ThreadPool, Threads } from './threads.ts';

/** A guest without a thread. */
export interface ParkedGuest {
  readonly state: GuestState;
  /** When it was called last, in ms; minus infinity where it never was. */
  readonly lastCallMs: number;
}

/**
 * One guest in one place, whatever that place is. The caller holds the instance's turn: an isolate never has two calls
 * at once and never checks for it.
 */
export interface Isolate {
  /**
   * Runs one export and answers its text. What it throws or rejects with is for {@link explain}.
   *
   * @param mustBeWanted - Throws where nobody wants the answer any more: asked before the guest begins, where it had to wait for that.
   */
  call(exportName: string, input: string | undefined, mustBeWanted: () => void): GuestAnswer | Promise<GuestAnswer>;
  /** What a call failed of: an `ABI_…` error, which leaves the guest usable, or a {@link GuestFault}, which may not. */
  explain(error: unknown): unknown;
  /**
   * Ends the guest, even in the middle of a call where the place allows it; the call then rejects. Where it is replaced, its place may be
   * kept for the next guest. Idempotent.
   */
  end(options?: { readonly isReplaced?: boolean }): Promise<void>;
  /**
   * Rejects the call under way with this reason while the guest is still inside, where that is possible. Elsewhere the
   * guest comes back by itself, because its host calls have been aborted.
   */
  abandon(reason: unknown): void;
  /** The guest is inside a call that was abandoned, or whose answer has not been taken yet. */
  readonly isBusy: boolean;
  /** Told when the guest comes back from a call that was abandoned, and of what that call failed, if it did: nobody else hears it. */
  onBack: (failure?: unknown) => void;
  /** Linear memory after the last call, in bytes. */
  readonly memoryBytes: number;
  /** Bytes that the guest's *free* could not take back so far. */
  readonly leakedBytes: number;
  /** True where `end` can stop a guest that computes. */
  readonly canInterrupt: boolean;
  /** Where its thread goes when it is parked; undefined where that cannot be. */
  readonly threads: ThreadPool | undefined;
  /** Its thread is slower than the guest deserves: it should be parked, and go on in another one. */
  readonly wantsThread: boolean;
  /**
   * Leaves its thread, with the guest's state for another isolate; undefined where the guest has to stay, which it then
   * does. Between two calls; with a state, this one is over.
   */
  park(): Promise<GuestState | undefined>;
}

/** What an isolate is started with. */
export interface IsolateSetup {
  /** The module's name, for the thread's name and for messages. */
  readonly name: string;
  readonly module: GuestCode;
  readonly dialect: Dialect;
  readonly limits: ResolvedLimits;
  /** What it has of this machine. */
  readonly grants: WasiGrants;
  readonly hostCalls: HostCalls;
  readonly log: LogSink;
  /** Ends the start while it goes on; what has started is ended by `end`. */
  readonly signal: AbortSignal;
  /** Told what should be known of this guest; see `ConnectionSetup` of abi. */
  readonly onWarning: (exportName: string, sentence: string) => void;
  /** Where threads come from. */
  readonly threads: Threads;
  /** Of the loop that it computes in where it has no thread. */
  readonly turns: LoopTurns;
  /** What the guest was before it was parked; undefined for a new one. */
  readonly parked?: ParkedGuest | undefined;
}
