import { AssertionError } from 'node:assert';

/** What happened, in order, as short lines; and what must hold over them. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #awaited = new Map<string, PromiseWithResolvers<void>>();

  /** All lines so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Adds a line. Bound to its trace, so that it can be handed on as a listener. */
  readonly record = (line: string): void => {
    this.#lines.push(line);
    this.#awaited.get(line)?.resolve();
  };

  /** Resolves as soon as the line has been recorded, also when that was before. */
  seen(line: string): Promise<void> {
    if (this.#lines.includes(line)) return Promise.resolve();
    const awaited = this.#awaited.get(line) ?? Promise.withResolvers<void>();
    this.#awaited.set(line, awaited);
    return awaited.promise;
  }

  /** The lines that begin so, without that beginning. */
  after(beginning: string): readonly string[] {
    return this.#lines.filter((line) => line.startsWith(beginning)).map((line) => line.slice(beginning.length));
  }

  /**
   * Each `enter <x>` is followed by its own `leave <x>`, with nothing in between. A last `enter` may still be open.
   *
   * @throws AssertionError that shows the lines around the first intruder.
   */
  assertExclusive(): void {
    let inside: string | undefined;
    for (const [index, line] of this.#lines.entries()) {
      const [verb = '', ...rest] = line.split(' ');
      const who = rest.join(' ');
      const fits = inside === undefined ? verb !== 'leave' : verb === 'leave' && who === inside;
      if (!fits) {
        throw new AssertionError({
          message: `"${line}" came ${inside === undefined ? 'without its "enter"' : `while "${inside}" was inside`}:\n  ${around(this.#lines, index)}`,
          actual: this.#lines,
          operator: 'assertExclusive',
        });
      }
      if (verb === 'enter') inside = who;
      if (verb === 'leave') inside = undefined;
    }
  }
}

function around(lines: readonly string[], index: number): string {
  return lines.slice(Math.max(0, index - 4), index + 5).join('\n  ');
}
