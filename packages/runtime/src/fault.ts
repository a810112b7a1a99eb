interface FaultFacts {
  readonly isTrap: boolean;
  readonly lastWords?: string | undefined;
  readonly memoryBytes?: number | undefined;
}

/**
 * A guest that did not come back in the ordinary way. After a trap its state is undefined and it is never called again;
 * an exit with code 0 is no trap (ABI.md §2), although the call has no answer then either.
 */
export class GuestFault extends Error {
  override readonly name = 'GuestFault';
  readonly isTrap: boolean;
  /** The linear memory that the guest had then, where it is known. */
  readonly memoryBytes: number | undefined;
  readonly #lastWords: string | undefined;

  constructor(reason: string, facts: FaultFacts, options?: ErrorOptions) {
    super(reason, options);
    this.isTrap = facts.isTrap;
    this.memoryBytes = facts.memoryBytes;
    this.#lastWords = facts.lastWords;
    const { cause } = this;
    // Where the guest was is what a log has to show; where the host noticed is the same place each time.
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }

  /** What the guest wrote last before it; only where that may be told to its caller. No log finds it by itself. */
  get lastWords(): string | undefined {
    return this.#lastWords;
  }
}

/** How a guest's `proc_exit` comes out of it. */
export class GuestExit extends Error {
  override readonly name = 'GuestExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest left with exit code ${exitCode} instead of answering`);
    this.exitCode = exitCode;
  }
}

/** Says what it means that a guest's function threw `thrown`: a trap, an exit, or a host function's refusal. */
export function faultOf(thrown: unknown, known: Omit<FaultFacts, 'isTrap'> = {}): GuestFault {
  if (thrown instanceof GuestFault) return thrown;
  if (thrown instanceof GuestExit) {
    return new GuestFault(thrown.message, { ...known, isTrap: thrown.exitCode !== 0 }, { cause: thrown });
  }
  return new GuestFault(reasonOf(thrown), { ...known, isTrap: true }, { cause: thrown });
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  // What it holds can be read by its tag alone, which is the guest's own.
  return thrown instanceof WebAssembly.Exception ? 'the guest threw an exception and did not catch it' : String(thrown);
}
