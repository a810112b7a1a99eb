import { type GuestRole, LockgateError } from '@lockgate/abi';

/** What was wrong with a version that did not go live. */
export type RejectionReason =
  | 'source unreadable'
  | 'wrong digest'
  | 'bad bytes'
  | 'missing export'
  | 'unknown import'
  | 'memory ceiling'
  | 'failed at start-up'
  | 'bad answer'
  | 'timed out'
  | 'wrong ABI version'
  | 'settings refused'
  | 'policy refused'
  | 'unhealthy'
  | 'probe failed';

/** A new version was not taken; what was live before it is untouched. `cause` is the error that stopped it. */
export class SwapRejectedError extends LockgateError {
  override readonly name = 'SwapRejectedError';
  readonly code = 'LOADER_SWAP_REJECTED';
  readonly facts: { readonly module: string; readonly reason: RejectionReason; readonly digest?: string };

  /** @param options - `isFirst` where there is no version that it would have replaced. */
  constructor(
    facts: { module: string; reason: RejectionReason; digest?: string },
    { cause, isFirst = false }: { cause: unknown; isFirst?: boolean },
  ) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = isFirst
      ? `"${facts.module}" could not be loaded`
      : `The new version of "${facts.module}" was rejected`;
    super(`${what} (${facts.reason}): ${why}`, { cause });
    this.facts = facts;
  }
}

/** A version that is live, or was until it was rolled back, keeps failing. `cause` is its newest failure. */
export class VersionFailingError extends LockgateError {
  override readonly name = 'VersionFailingError';
  readonly code = 'LOADER_VERSION_FAILING';
  readonly facts: { readonly module: string; readonly generation: number; readonly failures: number };

  constructor(facts: { module: string; generation: number; failures: number }, options: { cause: Error }) {
    super(
      `Generation ${facts.generation} of "${facts.module}" failed ${facts.failures} times in a row: ${options.cause.message}. ` +
        'Roll back, or reload a version that does not.',
      options,
    );
    this.facts = facts;
  }
}

/** The bytes are not the ones that were asked for. They were not compiled. */
export class DigestMismatchError extends LockgateError {
  override readonly name = 'DigestMismatchError';
  readonly code = 'LOADER_DIGEST_MISMATCH';
  readonly facts: { readonly source: string; readonly expected: string; readonly actual: string };

  constructor(facts: { source: string; expected: string; actual: string }) {
    super(
      `${facts.source} has the SHA-256 ${facts.actual}, expected ${facts.expected}. Check where it comes from, then correct "sha256".`,
    );
    this.facts = facts;
  }
}

/** The module's bytes could not be read or fetched. */
export class SourceUnreadableError extends LockgateError {
  override readonly name = 'SourceUnreadableError';
  readonly code = 'LOADER_SOURCE_UNREADABLE';
  readonly facts: { readonly source: string; readonly problem: string };

  constructor(facts: { source: string; problem: string }, options?: ErrorOptions) {
    super(`Cannot read ${facts.source}: ${facts.problem}.`, options);
    this.facts = facts;
  }
}

/** The guest speaks another version of the plugin ABI. */
export class AbiVersionError extends LockgateError {
  override readonly name = 'AbiVersionError';
  readonly code = 'LOADER_ABI_VERSION';
  readonly facts: { readonly abiVersion: number; readonly supported: number };

  constructor(facts: { abiVersion: number; supported: number }) {
    super(`The guest speaks ABI version ${facts.abiVersion}; this host speaks ${facts.supported}. Rebuild the guest.`);
    this.facts = facts;
  }
}

/** The guest says that it is not healthy, and `requireHealthy` was set. */
export class UnhealthyError extends LockgateError {
  override readonly name = 'UnhealthyError';
  readonly code = 'LOADER_UNHEALTHY';

  constructor() {
    super('The guest says that it is not healthy. Check its settings and what it depends on.');
  }
}

/** Another module, or one that is just being loaded, has this name. */
export class NameTakenError extends LockgateError {
  override readonly name = 'NameTakenError';
  readonly code = 'LOADER_NAME_TAKEN';
  readonly facts: { readonly module: string };

  constructor(facts: { module: string }) {
    super(`A module named "${facts.module}" is loaded already. Reload it, unload it first, or give "name".`);
    this.facts = facts;
  }
}

/** No module of this name and kind is loaded. */
export class UnknownNameError extends LockgateError {
  override readonly name = 'UnknownNameError';
  readonly code = 'LOADER_UNKNOWN_NAME';
  readonly facts: { readonly module: string; readonly kind: 'module' | GuestRole };

  constructor(facts: { module: string; kind: 'module' | GuestRole }) {
    super(`No ${facts.kind} named "${facts.module}" is loaded. list() has the names.`);
    this.facts = facts;
  }
}

/** There is no earlier version to go back to. */
export class NoRollbackError extends LockgateError {
  override readonly name = 'NoRollbackError';
  readonly code = 'LOADER_NO_ROLLBACK';
  readonly facts: { readonly module: string; readonly keep: number };

  constructor(facts: { module: string; keep: number }) {
    super(`"${facts.module}" has no earlier version to go back to; "keep" is ${facts.keep}.`);
    this.facts = facts;
  }
}

/** The call ran on a version that was replaced or unloaded, and did not end within `drainMs`. It was ended. */
export class DrainTimeoutError extends LockgateError {
  override readonly name = 'DrainTimeoutError';
  readonly code = 'LOADER_DRAIN_TIMEOUT';
  readonly facts: { readonly module: string; readonly generation: number; readonly drainMs: number };

  constructor(facts: { module: string; generation: number; drainMs: number }) {
    super(
      `The call ran on generation ${facts.generation} of "${facts.module}", which was replaced or unloaded, and did not end ` +
        `within ${facts.drainMs} ms. Raise "drainMs" if such calls must end.`,
    );
    this.facts = facts;
  }
}

/** The loader was closed. */
export class LoaderClosedError extends LockgateError {
  override readonly name = 'LoaderClosedError';
  readonly code = 'LOADER_CLOSED';

  constructor() {
    super('The loader is closed; create another one.');
  }
}
