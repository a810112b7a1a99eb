/** Lines that a call logs between `enter` and `leave`. */
export const LINES_OF_A_CALL = 50;

/** Reads what a guest logs that takes one call at a time, and sees lines that are lost, doubled or out of place. */
export class LogWitness {
  readonly problems: string[] = [];
  readonly #complete = new Set<string>();
  #inside: { readonly message: string; lines: number } | undefined;

  readonly read = (_level: string, line: string): void => {
    if (line.startsWith('enter ')) {
      this.#inside = { message: line.slice('enter '.length), lines: 0 };
    } else if (line === 'line of many') {
      if (this.#inside) this.#inside.lines += 1;
      else this.problems.push('a line outside of any call');
    } else if (line === `leave ${this.#inside?.message}`) {
      this.#leave();
    } else {
      this.problems.push(`"${line.slice(0, 40)}" while "${this.#inside?.message}" was inside`);
    }
  };

  /** Whether the call with this message has logged all that it logs, once; forgets it. */
  hasSeen(message: string): boolean {
    return this.#complete.delete(message);
  }

  #leave(): void {
    const { message = '', lines = 0 } = this.#inside ?? {};
    this.#inside = undefined;
    if (lines === LINES_OF_A_CALL) this.#complete.add(message);
    else this.problems.push(`${lines} of ${LINES_OF_A_CALL} lines of "${message}"`);
  }
}
