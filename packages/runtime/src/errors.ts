import { LockgateError } from '@lockgate/abi';

/** An error of this package: facts in, one sentence out. The facts hold no payloads and no secrets of the host's. */
abstract class RuntimeError<Facts extends object> extends LockgateError {
  readonly facts: Readonly<Facts>;

  constructor(facts: Facts, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.facts = facts;
  }
}

/** Where a limit stands in the gateway's configuration: here it is an option of the same name. */
function inFile(limit: string): string {
  return `"limits.${limit}" in lockgate.json`;
}

/** The module was closed, or is closing. `execute` answers this as a result instead. Source: ABI.md §1, "After close". */
export class ModuleClosedError extends RuntimeError<{ module: string }> {
  override readonly name = 'ModuleClosedError';
  readonly code = 'RUNTIME_MODULE_CLOSED';

  constructor(facts: { module: string }) {
    super(facts, `Module "${facts.module}" is closed; load it again to call it.`);
  }
}

interface TrapFacts {
  readonly module: string;
  readonly exportName: string;
  readonly reason: string;
  /**
   * What a plugin wrote last in this call, which is a panic's message where its language has panics; at most 500 characters,
   * in one line. It is the plugin's word to this caller and may hold what the call was about. Guards' are kept from callers.
   */
  readonly lastWords?: string;
}

/** The guest trapped, left with a non-zero exit, or its worker ended. A fresh instance takes the next call; `cause` has the WebAssembly stack. */
export class GuestTrapError extends RuntimeError<TrapFacts> {
  override readonly name = 'GuestTrapError';
  readonly code = 'RUNTIME_GUEST_TRAP';

  constructor(facts: TrapFacts, options?: ErrorOptions) {
    const { module, exportName, reason, lastWords } = facts;
    const wrote = lastWords === undefined ? '' : `; before that it wrote "${lastWords}"`;
    super(
      facts,
      `Module "${module}" trapped in "${exportName}": ${reason}${wrote}. The instance was replaced.`,
      options,
    );
  }
}

/** A call ran longer than `callTimeoutMs`. In a worker the guest was stopped; inline its host calls were. */
export class CallTimeoutError extends RuntimeError<{ module: string; exportName: string; callTimeoutMs: number }> {
  override readonly name = 'CallTimeoutError';
  readonly code = 'RUNTIME_CALL_TIMEOUT';

  constructor(facts: { module: string; exportName: string; callTimeoutMs: number }) {
    super(
      facts,
      `"${facts.exportName}" of module "${facts.module}" ran longer than ${facts.callTimeoutMs} ms and was stopped. Raise "callTimeoutMs" (${inFile('callTimeoutMs')}) if it needs more.`,
    );
  }
}

/** A call waited longer than `queueTimeoutMs` for its turn; the guest never saw it. */
export class QueueTimeoutError extends RuntimeError<{ module: string; queueTimeoutMs: number }> {
  override readonly name = 'QueueTimeoutError';
  readonly code = 'RUNTIME_QUEUE_TIMEOUT';

  constructor(facts: { module: string; queueTimeoutMs: number }) {
    super(
      facts,
      `A call of module "${facts.module}" waited ${facts.queueTimeoutMs} ms for its turn. Raise "instances.max" or "queueTimeoutMs" (${inFile('queueTimeoutMs')}).`,
    );
  }
}

/** As many calls wait as may; the guest never saw this one. */
export class QueueFullError extends RuntimeError<{ module: string; maxQueue: number }> {
  override readonly name = 'QueueFullError';
  readonly code = 'RUNTIME_QUEUE_FULL';

  constructor(facts: { module: string; maxQueue: number }) {
    super(
      facts,
      `${facts.maxQueue} calls of module "${facts.module}" wait already. Call less, or raise "instances.max" or "maxQueue" (${inFile('maxQueue')}).`,
    );
  }
}

/** What Node says where the system gives no thread, or no memory for one. */
const SYSTEM_CODES: ReadonlySet<unknown> = new Set(['ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY']);

/**
 * No thread could be started for a guest, mostly because the system gives this process no more of them, and no other guest could leave
 * its own in time; `cause` is why. The guest did not see the call.
 */
export class NoThreadError extends RuntimeError<{ threads: number }> {
  override readonly name = 'NoThreadError';
  readonly code = 'RUNTIME_NO_THREAD';

  constructor(facts: { threads: number }, options?: ErrorOptions) {
    super(facts, noThread(facts.threads, options?.cause), options);
  }
}

function noThread(threads: number, cause: unknown): string {
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: string };
  if (message !== undefined && !SYSTEM_CODES.has(code))
    return `A thread for another guest did not start; ${threads} guests have one. It said: ${message}`;
  return `The system gives this process no thread for another guest; ${threads} guests have one. Raise its limit of threads (TasksMax of systemd, the pids limit of a container, ulimit -u) or of memory.`;
}

/** The module starts with more memory than it may ever have. Source: ABI.md §3. */
export class MemoryCeilingError extends RuntimeError<{ module: string; initialBytes: number; ceilingBytes: number }> {
  override readonly name = 'MemoryCeilingError';
  readonly code = 'RUNTIME_MEMORY_CEILING';

  constructor(facts: { module: string; initialBytes: number; ceilingBytes: number }, options?: ErrorOptions) {
    super(
      facts,
      `Module "${facts.module}" starts with ${facts.initialBytes} bytes of memory, above its ceiling of ${facts.ceilingBytes}. Raise "memoryCeilingBytes" (${inFile('memoryCeilingBytes')}) or build the module smaller.`,
      options,
    );
  }
}

interface LinkFacts {
  readonly module: string;
  readonly reason: string;
  /** Another start of the same bytes may succeed: its own code failed as it started, or the system had no room. @default false */
  readonly mayPass?: boolean;
}

/** The module cannot be linked: not WebAssembly, unknown imports, missing exports, or its start-up failed. */
export class LinkError extends RuntimeError<LinkFacts> {
  override readonly name = 'LinkError';
  readonly code = 'RUNTIME_LINK';

  constructor(facts: LinkFacts, options?: ErrorOptions) {
    super(facts, `Module "${facts.module}" cannot be linked: ${facts.reason}`, options);
  }
}

/** A guest was granted a directory that it cannot have. */
export class StorageError extends RuntimeError<{ module: string; path: string; problem: string }> {
  override readonly name = 'StorageError';
  readonly code = 'RUNTIME_STORAGE';

  constructor(facts: { module: string; path: string; problem: string }, options?: ErrorOptions) {
    super(
      facts,
      `The directory "${facts.path}" that "${facts.module}" may use ${facts.problem}. Make it, or correct "storage".`,
      options,
    );
  }
}

/** A guest reached itself again through one of its own host calls; waiting would never end. */
export class ReentryError extends RuntimeError<{ module: string }> {
  override readonly name = 'ReentryError';
  readonly code = 'RUNTIME_REENTRY';

  constructor(facts: { module: string }) {
    super(
      facts,
      `A host call of module "${facts.module}" led back to the module itself, which cannot answer before that call ends. Break the loop between the two.`,
    );
  }
}

/** The guest refused its settings; the sentence is its own. */
export class ConfigureRejectedError extends RuntimeError<{ module: string; reason: string }> {
  override readonly name = 'ConfigureRejectedError';
  readonly code = 'RUNTIME_CONFIGURE_REJECTED';

  constructor(facts: { module: string; reason: string }) {
    super(facts, `Module "${facts.module}" refused its settings: ${facts.reason}`);
  }
}

/** The module failed so often that calls fail fast until `retryAfterMs` have passed. `cause` is the last failure. */
export class CrashLoopError extends RuntimeError<{ module: string; failures: number; retryAfterMs: number }> {
  override readonly name = 'CrashLoopError';
  readonly code = 'RUNTIME_CRASH_LOOP';

  constructor(facts: { module: string; failures: number; retryAfterMs: number }, options: { cause: unknown }) {
    const last = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(
      facts,
      `Module "${facts.module}" failed ${facts.failures} times in a row and rests for ${facts.retryAfterMs} ms. Last failure: ${last}`,
      options,
    );
  }
}

/** Inline, the guest imports an asynchronous host function, and this engine cannot suspend WebAssembly. */
export class JspiMissingError extends RuntimeError<{ module: string; importName: string; node: string }> {
  override readonly name = 'JspiMissingError';
  readonly code = 'RUNTIME_JSPI_MISSING';

  constructor(facts: { module: string; importName: string; node: string }) {
    super(
      facts,
      `Module "${facts.module}" imports "${facts.importName}", which waits, and Node ${facts.node} has no JSPI (WebAssembly.Suspending). Use isolation "worker", which needs none, or Node 24.21 or newer.`,
    );
  }
}

/** The guest answered with something that is not what the ABI says; `problem` is the code of what is wrong. */
export class GuestMessageError extends RuntimeError<{ module: string; exportName: string; problem: string }> {
  override readonly name = 'GuestMessageError';
  readonly code = 'RUNTIME_BAD_MESSAGE';

  constructor(facts: { module: string; exportName: string; problem: string }, options: { cause: Error }) {
    super(
      facts,
      `"${facts.exportName}" of module "${facts.module}" gave a bad answer: ${options.cause.message}`,
      options,
    );
  }
}
