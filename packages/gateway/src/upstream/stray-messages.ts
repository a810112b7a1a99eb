import { FrameError } from '../protocol/frame/frame-error.ts';

const OPEN = 123;
const OPEN_LIST = 91;
const BOM = 0xef;
const QUIET_MS = 1_000;

/** What a server sends that is no message, or an answer to nothing, may come by the million: it is told once a second, with how many came since. */
export class StrayMessages {
  readonly #tell: (error: Error) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;
  #early = 0;
  #isIntroduced = false;

  constructor(tell: (error: Error) => void) {
    this.#tell = tell;
  }

  /** True where the bytes do not begin as an object, or as a batch of them, which is seen without reading them; then they were counted. */
  takes(bytes: Buffer): boolean {
    const at = spaceEnd(bytes, 0);
    const first = bytes[at] === OPEN_LIST ? bytes[spaceEnd(bytes, at + 1)] : bytes[at];
    if (first === OPEN || bytes[at] === BOM) return false;
    this.add(() => new FrameError({ rpcCode: -32700, problem: 'does not begin as an object', byteOffset: at }));
    return true;
  }

  /** The server has answered who it is: what it tells of itself counts from now on. */
  introduced(): void {
    this.#isIntroduced = true;
    this.#flushEarly();
  }

  /** True where a notification comes before the server has said who it is; then it was counted. */
  takesEarly(): boolean {
    if (this.#isIntroduced) return false;
    if (++this.#early === 1)
      this.#tell(new Error('the server sent a notification before it answered "initialize": such are dropped'));
    return true;
  }

  /** Tells how many were not told, if any. */
  flush(): void {
    this.#flushUntold();
    this.#flushEarly();
  }

  /** @param make - Called only where the error is told: an error costs more than its line. */
  add(make: () => Error): void {
    const now = performance.now();
    if (now - this.#toldAt < QUIET_MS) {
      this.#untold++;
      return;
    }
    this.#toldAt = now;
    this.#flushUntold();
    this.#tell(make());
  }

  #flushUntold(): void {
    if (this.#untold > 0)
      this.#tell(new Error(`${this.#untold} more frames or lines were no messages, or answers to nothing`));
    this.#untold = 0;
  }

  #flushEarly(): void {
    if (this.#early > 1)
      this.#tell(new Error(`${this.#early - 1} more notifications came before the answer to "initialize": dropped`));
    this.#early = 0;
  }
}

function spaceEnd(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] as number) <= 32) at++;
  return at;
}
