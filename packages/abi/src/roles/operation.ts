/** One question to a guest: what it is called, how it is put and how its answer is read. */
export interface Operation<Input, Output> {
  /** The name under which the dialect's connection is called; mostly an export of the guest. */
  readonly exportName: string;
  /** The input as the guest gets it; undefined for none. @throws TypeError for what has no form. */
  readonly encode: (input: Input) => string | undefined;
  /**
   * The answer, from a text or, where the connection answers with one, from a number.
   *
   * @throws ABI_BAD_MESSAGE and what the answer means.
   */
  readonly decode: (answer: never) => Output;
  /** Another export that it is worth nothing without; it is not offered where a guest lacks that. */
  readonly needs?: string;
  /** What people call the guest's function that this input is for, where {@link exportName} says nothing to them. */
  readonly calledName?: (input: Input) => string;
  /** What the guest answers with. @default 'text' */
  readonly answer?: 'text' | 'number';
}
