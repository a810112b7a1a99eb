import { ceilingReached } from '../ceilings.ts';

/** So many lines that are no messages, with no message between them, in one second. */
export const MAX_STRAY_LINES = 1_000;
/** So many bytes of them. The line that goes beyond is still let through: one long answer may be damaged. */
export const MAX_STRAY_BYTES: number = 1024 * 1024;
const WINDOW_MS = 1_000;

/** Tells programs that log a little to stdout, which do no harm, from those that flood it. */
export class StrayLines {
  #count = 0;
  #bytes = 0;
  #since = 0;

  /** A message came: what came before it no longer counts. */
  clear(): void {
    this.#count = 0;
    this.#bytes = 0;
  }

  /** Counts a line. True where there are too many. */
  add(byteLength: number): boolean {
    if (this.#count === 0) this.#since = performance.now();
    if (this.#count >= MAX_STRAY_LINES || this.#bytes >= MAX_STRAY_BYTES) {
      if (performance.now() - this.#since < WINDOW_MS) {
        ceilingReached('stray-lines');
        return true;
      }
      this.clear();
      this.#since = performance.now();
    }
    this.#count++;
    this.#bytes += byteLength;
    return false;
  }
}
