import type { AnswerPart } from './passed-response.ts';
import { toByteText } from './replica-message.ts';

/** A part of an answer as the other gateway is told it; its body is bytes as text. */
export interface SentPart {
  /** Counted from 0. */
  readonly part: number;
  readonly head: AnswerPart['head'];
  readonly body: string;
  readonly isLast: boolean;
}

/** The parts of one answer, each kept until the gateway that passed the request has it: what it could not hear, it is told again. */
export class SentParts {
  readonly #tell: (part: SentPart) => Promise<boolean>;
  #kept: SentPart[] = [];
  #count = 0;
  #isUnheard = false;

  /** @param tell - False, or rejected, where nobody has heard it. */
  constructor(tell: (part: SentPart) => Promise<boolean>) {
    this.#tell = tell;
  }

  /** Bytes of the bodies that are kept. */
  get bytes(): number {
    return this.#kept.reduce((bytes, { body }) => bytes + body.length, 0);
  }

  add({ head, body, isLast }: AnswerPart): void {
    const part = { part: this.#count++, head, body: toByteText(body), isLast };
    this.#kept.push(part);
    this.#send(part);
  }

  /** The other gateway has all parts before the one of this number. The rest is told again where it says so, or may not have heard all of it. */
  waitedFor(next: number, isMissed: boolean): void {
    this.#kept = this.#kept.filter(({ part }) => part >= next);
    if (!isMissed && !this.#isUnheard) return;
    this.#isUnheard = false;
    for (const part of this.#kept) this.#send(part);
  }

  #send(part: SentPart): void {
    const unheard = (): void => {
      this.#isUnheard = true;
    };
    this.#tell(part).then((isHeard) => isHeard || unheard(), unheard);
  }
}
