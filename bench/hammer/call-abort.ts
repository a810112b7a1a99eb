import type { Draw } from './draw.ts';
import { turns } from './turns.ts';

const MOST_TURNS = 60;
/** An abort is the end of a call that has none by then, give or take what was under way already. */
const TURNS_TO_TAKE_EFFECT = 5;
const MOMENTS = ['before the call', 'in the same step', 'at its start', 'some turns later'] as const;

/** One call's abort: when it comes, and what the call may give because of it. */
export class CallAbort {
  readonly #controller = new AbortController();
  readonly #moment: (typeof MOMENTS)[number];
  readonly #turns: number;
  readonly reason: Error;
  #isStarted = false;
  #isDue = false;

  constructor(call: number, draw: Draw) {
    this.reason = new Error(`call ${call} was aborted`);
    this.#moment = MOMENTS[Math.floor(draw(call, 'moment') * MOMENTS.length)] ?? 'before the call';
    this.#turns = Math.ceil(draw(call, 'turns') ** 2 * MOST_TURNS);
    if (this.#moment === 'before the call') this.#fire();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** For `execute`: told when the call leaves the queue. */
  readonly onStart = (): void => {
    this.#isStarted = true;
    if (this.#moment === 'at its start') this.#fire();
  };

  /** To be called in the same step in which the call was made. */
  begin(): void {
    if (this.#moment === 'in the same step') this.#fire();
    if (this.#moment === 'some turns later') void turns(this.#turns).then(() => this.#fire());
  }

  /** What is wrong with an end of the call that its abort should have prevented, or should not have allowed. */
  problemWith(isAborted: boolean): string | undefined {
    if (isAborted && !this.signal.aborted) return 'it rejected with the reason of an abort that had not come yet';
    if (this.#moment === 'before the call' && this.#isStarted) return 'it started, though it was aborted before';
    if (!isAborted && this.#moment === 'before the call')
      return 'it was not aborted, though it was so before it was made';
    if (!isAborted && this.#isDue) return `it ended as if nothing were, long after it was aborted ${this.#moment}`;
    return undefined;
  }

  #fire(): void {
    this.#controller.abort(this.reason);
    void turns(TURNS_TO_TAKE_EFFECT).then(() => {
      this.#isDue = true;
    });
  }
}
