/** Which way values pass. */
export type Direction = 'to guest' | 'from guest';

export interface PassingLimitFacts {
  readonly direction: Direction;
  /** As far as it was counted. */
  readonly byteLength: number;
  readonly limitBytes: number;
  /** What is above the limit: what passes, or what its values take of the host's memory. */
  readonly measure: 'message' | 'values';
}

/** More passes at once than may. Nothing is known to be wrong with the guest, but its instance has ended within the call. */
export class PassingLimitError extends WebAssembly.RuntimeError {
  override readonly name = 'PassingLimitError';
  readonly facts: PassingLimitFacts;

  constructor(facts: PassingLimitFacts) {
    const { direction, limitBytes, measure } = facts;
    const what = measure === 'values' ? 'bytes of values in the memory of the host' : 'bytes';
    super(`more than ${limitBytes} ${what} pass ${direction} at once`);
    this.facts = facts;
  }
}
