/** Longest that is kept, in characters; the rest of longer words is cut. */
const MAX_LENGTH = 500;
/** Go's runtime indents what follows of the message, and goes on with the stacks of its goroutines. */
const GO = /^(?:panic|fatal error): /;
const GO_GOES_ON = /^\t/;
/** Rust's goes on with the message, which may have lines, and ends with advice about stacks. */
const RUST = /^thread .* panicked at /;
const RUST_END = /^(?:note: |stack backtrace:)/;
/** It comes after other failures as well, such as "memory allocation of 64 bytes failed". */
const RUST_ADVICE = /^note: run with `RUST_BACKTRACE=/;
const MORE_LINES = 5;
/** SpiderMonkey, in components of JavaScript, writes the exception, its stack, and how it ends then; the stack only where nothing else was said. */
const SPIDERMONKEY = /^(?:Redirecting call to abort\(\) to mozalloc_abort|Stack:\s*$|\s*[^\s@]*@\S+:\d+(?::\d+)?\s*$)/;

/**
 * What a guest wrote last in a call, which is what it trapped of where its language says so before it traps: the last line,
 * or of the panics of Go and Rust, which end in something else, the part that says what was wrong.
 */
export class LastWords {
  #words = '';
  /** How many more lines belong to the words; negative where any further line takes their place. */
  #linesLeft = -1;
  /** A line that does not belong to the words, if it comes next. */
  #isEnd: (line: string) => boolean = isRustEnd;

  /** One line as it was written. */
  hear(line: string): void {
    if (line.trim() === '') return;
    if (GO.test(line)) this.#begin(line, isGoStack);
    else if (RUST.test(line)) this.#begin(line, isRustEnd);
    else if (this.#linesLeft < 0) this.#words = this.#words !== '' && saysNothing(line) ? this.#words : line;
    else if (this.#isEnd(line)) this.#linesLeft = 0;
    else if (this.#linesLeft > 0) this.#goOn(line);
  }

  /** The words in one line; undefined where nothing was written since the call began. */
  get text(): string | undefined {
    if (this.#words === '') return undefined;
    const plain = this.#words
      .slice(0, MAX_LENGTH + 1)
      .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
      .trim();
    return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}…` : plain;
  }

  /** The next call begins. */
  forget(): void {
    this.#words = '';
    this.#linesLeft = -1;
  }

  #begin(words: string, isEnd: (line: string) => boolean): void {
    this.#words = words.slice(0, MAX_LENGTH + 1);
    this.#linesLeft = MORE_LINES;
    this.#isEnd = isEnd;
  }

  #goOn(line: string): void {
    this.#words = `${this.#words} ${line}`.slice(0, MAX_LENGTH + 1);
    this.#linesLeft -= 1;
  }
}

const isGoStack = (line: string): boolean => !GO_GOES_ON.test(line);
const isRustEnd = (line: string): boolean => RUST_END.test(line);
const saysNothing = (line: string): boolean => RUST_ADVICE.test(line) || SPIDERMONKEY.test(line);
