/** The first character of an answer that is what the guest put out. */
export const OUTPUT = '+';
/** The first character of an answer that says what went wrong. */
export const FAILURE = '-';

/** What a call of a guest of Extism came to. */
export interface ExtismAnswer {
  readonly text: string;
  readonly isFailure: boolean;
}

export function readAnswer(answer: string): ExtismAnswer {
  return { text: answer.slice(1), isFailure: answer.startsWith(FAILURE) };
}
