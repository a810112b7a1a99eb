/** What an answer begins with that is not the guest's output as it is. */
const MARK = '\0';
const FAILS = '-';
const PUTS_OUT = '+';

/** Before what says what went wrong. */
export const FAILURE: string = MARK + FAILS;
/** Before an output that would be taken for something else. */
export const ESCAPED: string = MARK + PUTS_OUT;

/** What a call of a guest of Extism came to. */
export interface ExtismAnswer {
  readonly text: string;
  readonly isFailure: boolean;
}

export function readAnswer(answer: string): ExtismAnswer {
  if (!answer.startsWith(MARK)) return { text: answer, isFailure: false };
  return { text: answer.slice(FAILURE.length), isFailure: answer.startsWith(FAILURE) };
}
