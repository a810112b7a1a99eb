import { LockgateError } from '@lockgate/abi';

/** The bytes are no WebAssembly module that this engine accepts; the engine's own words are the `cause`. */
export class CompileError extends LockgateError {
  override readonly name = 'CompileError';
  readonly code = 'CACHE_COMPILE';
  readonly facts: { readonly module: string; readonly byteLength: number };

  constructor(facts: { readonly module: string; readonly byteLength: number }, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `Module "${facts.module}" (${facts.byteLength} bytes) does not compile: ${why}. ` +
        'Check that the file is a whole WebAssembly module, built with features this engine has.',
      { cause },
    );
    this.facts = facts;
  }
}

/** The cache, or the slot, was closed before this call. Modules it compiled earlier stay valid. */
export class CacheClosedError extends LockgateError {
  override readonly name = 'CacheClosedError';
  readonly code = 'CACHE_CLOSED';

  constructor(operation: string) {
    super(`The compilation cache is closed: "${operation}" came too late. Open another one with openCache().`);
  }
}

/** The new cache did not open, so the current one stays in service; the reason is the `cause`. */
export class CacheReplaceError extends LockgateError {
  override readonly name = 'CacheReplaceError';
  readonly code = 'CACHE_REPLACE';

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The compilation cache was not replaced, the current one stays in service: ${why}`, { cause });
  }
}

/** A cache that is out of service did not close cleanly; what replaced it, if anything, is in service. */
export class CacheCloseError extends LockgateError {
  override readonly name = 'CacheCloseError';
  readonly code = 'CACHE_CLOSE';

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`A compilation cache was taken out of service but did not close cleanly: ${why}`, { cause });
  }
}
