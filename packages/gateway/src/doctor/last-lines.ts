/** Lines that are shown of what a program wrote last. */
const SHOWN = 5;
const LINE_LENGTH = 300;

/** Keeps what a program wrote last to stderr. Where it is started a second time, its words of the first start are forgotten once it speaks. */
export class LastLines {
  #lines: string[] = [];
  #isOld = false;

  add(text: string): void {
    if (this.#isOld) this.#lines = [];
    this.#isOld = false;
    const lines = text.split('\n').map((line) => line.trimEnd().slice(0, LINE_LENGTH));
    this.#lines.push(...lines.filter((line) => line !== ''));
    this.#lines.splice(0, this.#lines.length - SHOWN);
  }

  startOver(): void {
    this.#isOld = true;
  }

  get all(): readonly string[] {
    return this.#lines;
  }
}
