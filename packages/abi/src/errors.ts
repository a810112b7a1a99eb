import type { GuestRole } from './roles/role.ts';

const BRAND = Symbol.for('lockgate.error');

/** The base of every error that a Lockgate package throws on purpose; programming mistakes are plain TypeErrors. */
export abstract class LockgateError extends Error {
  /** Stable across minor versions and listed in the package's README. The message may change at any time. */
  abstract readonly code: string;

  static {
    // On the prototype: found by `in`, and not part of every printed error.
    Object.defineProperty(LockgateError.prototype, BRAND, { value: true });
  }

  /** True for errors of any copy or version of any Lockgate package, where `instanceof` may fail. */
  static isInstance(value: unknown): value is LockgateError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** A guest gave a span, or an allocated block, that does not lie inside its memory. Nothing was read or written. */
export class SpanError extends LockgateError {
  override readonly name = 'SpanError';
  readonly code = 'ABI_SPAN_OUT_OF_BOUNDS';
  readonly pointer: number;
  readonly byteLength: number;
  readonly memoryByteLength: number;

  constructor(facts: { pointer: number; byteLength: number; memoryByteLength: number }) {
    super(
      `The guest gave a span of ${facts.byteLength} bytes at ${facts.pointer}, which leaves its memory of ` +
        `${facts.memoryByteLength} bytes. This is a fault of the guest.`,
    );
    this.pointer = facts.pointer;
    this.byteLength = facts.byteLength;
    this.memoryByteLength = facts.memoryByteLength;
  }
}

/** The guest's allocator had no room for a message of the host. */
export class GuestOutOfMemoryError extends LockgateError {
  override readonly name = 'GuestOutOfMemoryError';
  readonly code = 'ABI_OUT_OF_MEMORY';
  readonly byteLength: number;
  readonly allocator: string;

  constructor(facts: { byteLength: number; allocator: string }) {
    super(
      `The guest's ${facts.allocator} found no room for ${facts.byteLength} bytes. Send a smaller message or raise the ` +
        `guest's memory ceiling.`,
    );
    this.byteLength = facts.byteLength;
    this.allocator = facts.allocator;
  }
}

/** What of a message is above a limit: its own bytes, those that the host's ABI fixes for all, or the host's memory that its values take. */
type MessageMeasure = 'message' | 'fixed' | 'values';

interface MessageSize {
  readonly direction: 'to guest' | 'from guest';
  /** As far as it was counted. */
  readonly byteLength: number;
  readonly limitBytes: number;
  /** @default 'message' */
  readonly measure?: MessageMeasure;
}

const RAISE_MESSAGE_LIMIT = 'raise "maxMessageBytes" ("limits.maxMessageBytes" in lockgate.json)';

/** A message is larger than the host allows, in either direction. It was not passed on. */
export class MessageTooLargeError extends LockgateError {
  override readonly name = 'MessageTooLargeError';
  readonly code = 'ABI_MESSAGE_TOO_LARGE';
  readonly direction: 'to guest' | 'from guest';
  readonly byteLength: number;
  readonly limitBytes: number;
  readonly measure: MessageMeasure;

  constructor({ direction, byteLength, limitBytes, measure = 'message' }: MessageSize) {
    const message = direction === 'to guest' ? 'the message to the guest' : 'the message of the guest';
    const what =
      measure === 'values' ? `the values of ${message} take more of the host's memory` : `${message} is longer`;
    const times = measure === 'values' ? ', of which that is eight times' : '';
    const remedy = measure === 'fixed' ? 'pass less at once' : `pass less at once, or ${RAISE_MESSAGE_LIMIT}${times}`;
    super(`At ${byteLength} bytes, ${what} than the limit of ${limitBytes}; ${remedy}.`);
    this.direction = direction;
    this.byteLength = byteLength;
    this.limitBytes = limitBytes;
    this.measure = measure;
  }
}

/** A guest's message does not have the form its ABI prescribes. The message itself is never quoted. */
export class MessageError extends LockgateError {
  override readonly name = 'MessageError';
  readonly code = 'ABI_BAD_MESSAGE';
  /** The guest's export, or the host function, whose message it was. */
  readonly exportName: string;
  /** A path such as `[2].parameters`; empty when the message as a whole is meant. */
  readonly field: string;
  /** What was wrong, such as `must be a string, found a number`. */
  readonly problem: string;

  constructor(facts: { exportName: string; field: string; problem: string }) {
    const subject = facts.field === '' ? '' : ` at ${facts.field}`;
    super(`The guest's message of "${facts.exportName}"${subject} ${facts.problem}.`);
    this.exportName = facts.exportName;
    this.field = facts.field;
    this.problem = facts.problem;
  }
}

/** The bytes are not a WebAssembly module, or not one that can be read to its end. */
export class ModuleFormatError extends LockgateError {
  override readonly name = 'ModuleFormatError';
  readonly code = 'ABI_BAD_MODULE';
  readonly byteOffset: number;
  readonly problem: string;

  constructor(facts: { byteOffset: number; problem: string }) {
    super(`Not a readable WebAssembly module: ${facts.problem}, at byte ${facts.byteOffset}.`);
    this.byteOffset = facts.byteOffset;
    this.problem = facts.problem;
  }
}

/** A module lacks exports of its ABI or has them with another type; the error lists all of them at once. */
export class ModuleShapeError extends LockgateError {
  override readonly name = 'ModuleShapeError';
  readonly code = 'ABI_WRONG_SHAPE';
  readonly abi: GuestRole | 'command';
  /** One plain sentence part for each thing that is missing or wrong. */
  readonly missing: readonly string[];

  constructor(facts: { abi: GuestRole | 'command'; missing: readonly string[] }) {
    super(`The module is not a ${facts.abi}: ${facts.missing.join('; ')}.`);
    this.abi = facts.abi;
    this.missing = facts.missing;
  }
}

/** A module imports what no host of its ABI supplies; the error lists all such imports. */
export class UnknownImportError extends LockgateError {
  override readonly name = 'UnknownImportError';
  readonly code = 'ABI_UNKNOWN_IMPORT';
  readonly imports: readonly { readonly module: string; readonly name: string; readonly problem: string }[];

  constructor(imports: readonly { readonly module: string; readonly name: string; readonly problem: string }[]) {
    const list = imports.map(({ module, name, problem }) => `"${module}"."${name}" (${problem})`);
    super(`The module imports what the host does not supply: ${list.join(', ')}.`);
    this.imports = imports;
  }
}

/** A module starts with more memory than its ceiling allows. */
export class MemoryMinimumError extends LockgateError {
  override readonly name = 'MemoryMinimumError';
  readonly code = 'ABI_MEMORY_ABOVE_CEILING';
  readonly initialBytes: number;
  readonly ceilingBytes: number;

  constructor(facts: { initialBytes: number; ceilingBytes: number }) {
    super(
      `The module starts with ${facts.initialBytes} bytes of memory, above its ceiling of ${facts.ceilingBytes}. ` +
        `Raise the ceiling or build the module with a smaller initial memory.`,
    );
    this.initialBytes = facts.initialBytes;
    this.ceilingBytes = facts.ceilingBytes;
  }
}

/** A guard found its output buffer too small until the host would not enlarge it any more. */
export class GuardBufferError extends LockgateError {
  override readonly name = 'GuardBufferError';
  readonly code = 'ABI_GUARD_BUFFER';
  readonly exportName: string;
  readonly problem: string;

  constructor(facts: { exportName: string; problem: string }) {
    super(`The guard's "${facts.exportName}" ${facts.problem}. Build the guard to answer with less.`);
    this.exportName = facts.exportName;
    this.problem = facts.problem;
  }
}

/** A guard answered with an error code of its own. */
export class GuardCodeError extends LockgateError {
  override readonly name = 'GuardCodeError';
  readonly code = 'ABI_GUARD_CODE';
  readonly exportName: string;
  /** The negative number that the guard returned; its meaning is the guard's own. */
  readonly guardCode: number;

  constructor(facts: { exportName: string; guardCode: number }) {
    super(`The guard's "${facts.exportName}" failed with its error code ${facts.guardCode}.`);
    this.exportName = facts.exportName;
    this.guardCode = facts.guardCode;
  }
}

/** A plugin fails a request other than a call of a tool, and says why. */
export class RequestFailedError extends LockgateError {
  override readonly name = 'RequestFailedError';
  readonly code = 'ABI_REQUEST_FAILED';
  readonly exportName: string;
  /** The plugin's own words. */
  readonly reason: string;

  constructor({ exportName, reason }: { exportName: string; reason: string }) {
    super(reason);
    this.exportName = exportName;
    this.reason = reason;
  }
}

/** A guard cannot label a call, and says why: `label_resource` answered with an error instead of labels. */
export class CallRefusedError extends LockgateError {
  override readonly name = 'CallRefusedError';
  readonly code = 'ABI_CALL_REFUSED';
  /** The guard's own words on one line, cut at 500 characters. */
  readonly reason: string;

  constructor(reason: string) {
    const words = reason.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
    super(words);
    this.reason = words;
  }
}

/** A guard refused the policy it was given: `label_agent` answered with an error instead of labels. */
export class PolicyRejectedError extends LockgateError {
  override readonly name = 'PolicyRejectedError';
  readonly code = 'ABI_POLICY_REJECTED';
  /** The guard's own words, cut at 500 characters; empty when it gave none. */
  readonly reason: string;

  constructor(reason: string) {
    const words = reason.slice(0, 500);
    super(`The guard rejected the policy${words === '' ? ' without a reason' : `: ${words}`}.`);
    this.reason = words;
  }
}
