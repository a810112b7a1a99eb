import { FrameError } from '../protocol/frame/frame-error.ts';

const OPEN = 123;
const BOM = 0xef;
const QUIET_MS = 1_000;

/** What a server sends that is no message, or an answer to nothing, may come by the million: it is told once a second, with how many came since. */
export class StrayMessages {
  readonly #tell: (error: Error) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(tell: (error: Error) => void) {
    this.#tell = tell;
  }

  /** True where the bytes do not begin as an object, which is seen without reading them; then they were counted. */
  takes(bytes: Buffer): boolean {
    let at = 0;
    while ((bytes[at] as number) <= 32) at++;
    if (bytes[at] === OPEN || bytes[at] === BOM) return false;
    this.add(() => new FrameError({ rpcCode: -32700, problem: 'does not begin as an object', byteOffset: at }));
    return true;
  }

  /** Tells how many were not told, if any. */
  flush(): void {
    if (this.#untold > 0)
      this.#tell(new Error(`${this.#untold} more frames or lines were no messages, or answers to nothing`));
    this.#untold = 0;
  }

  /** @param make - Called only where the error is told: an error costs more than its line. */
  add(make: () => Error): void {
    const now = performance.now();
    if (now - this.#toldAt < QUIET_MS) {
      this.#untold++;
      return;
    }
    this.#toldAt = now;
    this.flush();
    this.#tell(make());
  }
}
