import type { ObjectText } from '../protocol/frame/object-text.ts';

/** A call as the monitor is told of it. */
export interface RoutedCall {
  readonly server: string;
  /** The tool, or the method where it is no tool call. */
  readonly tool: string;
  /** The members of the parameters that are the arguments; all of them where absent. */
  readonly argumentsAt?: readonly string[] | 'arguments' | undefined;
  readonly params: ObjectText | undefined;
  /** What the guard is asked about in place of the request itself: a task is as secret as the call that began it. */
  readonly asked?: AskedCall | undefined;
}

/** What a guard is asked about. */
export interface AskedCall {
  readonly tool: string;
  readonly args: unknown;
}
