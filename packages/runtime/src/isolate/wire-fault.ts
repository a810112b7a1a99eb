import {
  GuardBufferError,
  GuardCodeError,
  GuestOutOfMemoryError,
  LockgateError,
  MessageError,
  MessageTooLargeError,
  SpanError,
} from '@lockgate/abi';
import { faultOf, GuestExit, GuestFault } from '../fault.ts';

type ErrorClass = new (facts: never) => Error;

/** Errors of abi that a call may end in, which leave the guest usable. */
const ABI_ERRORS: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ['ABI_SPAN_OUT_OF_BOUNDS', SpanError],
  ['ABI_OUT_OF_MEMORY', GuestOutOfMemoryError],
  ['ABI_MESSAGE_TOO_LARGE', MessageTooLargeError],
  ['ABI_BAD_MESSAGE', MessageError],
  ['ABI_GUARD_BUFFER', GuardBufferError],
  ['ABI_GUARD_CODE', GuardCodeError],
]);

/** What a call ended in, as plain data that crosses threads. */
export type WireFault =
  | { readonly kind: 'abi'; readonly code: string; readonly facts: object }
  | {
      readonly kind: 'fault';
      readonly reason: string;
      readonly isTrap: boolean;
      readonly lastWords: string | undefined;
      readonly memoryBytes: number | undefined;
      readonly cause: WireCause;
    };

interface WireCause {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What a guest's call ended in, for another thread. */
export function encodeFault(error: unknown): WireFault {
  if (LockgateError.isInstance(error)) return { kind: 'abi', code: error.code, facts: { ...error } };
  const fault = faultOf(error);
  const { name, message, stack } = fault.cause instanceof Error ? fault.cause : fault;
  const { isTrap, lastWords, memoryBytes } = fault;
  return { kind: 'fault', reason: fault.message, isTrap, lastWords, memoryBytes, cause: { name, message, stack } };
}

/**
 * Whether the call ended in the guest alone, so that its thread is as good as before. What runs out of stack, or is no error of a guest, may have
 * stopped the host in the middle of something.
 */
export function sparesThread(error: unknown): boolean {
  if (LockgateError.isInstance(error)) return true;
  const cause = error instanceof GuestFault ? (error.cause ?? error) : error;
  const { Exception, RuntimeError } = WebAssembly;
  return [RuntimeError, Exception, GuestFault, GuestExit].some((Kind) => cause instanceof Kind);
}

/** The error behind it, with the stack that it had in its thread. */
export function decodeFault(wire: WireFault): Error {
  if (wire.kind === 'abi') {
    const Known = ABI_ERRORS.get(wire.code);
    return Known ? new Known(wire.facts as never) : new GuestFault(wire.code, { isTrap: true });
  }
  const cause = new Error(wire.cause.message);
  cause.name = wire.cause.name;
  if (wire.cause.stack !== undefined) cause.stack = wire.cause.stack;
  return new GuestFault(wire.reason, wire, { cause });
}
