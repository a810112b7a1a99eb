import { memoryProblem, mibOf } from '../memory-problem.ts';

/** What has memory that counts. */
interface Holder {
  readonly memoryBytes: number;
}

/**
 * The memory of all instances of one server, which share a ceiling. Nothing tells a host that memory grows: each may grow to the ceiling while it computes, and what all have is known when it has
 * paused. So what they have together is above the ceiling for the length of one stretch of computing, by what that one took.
 */
export class InstanceMemory<T extends Holder> {
  readonly #ceilingBytes: number;
  readonly #running: ReadonlySet<T>;
  /** What a new one has. */
  #newBytes = 0;

  constructor(ceilingBytes: number, running: ReadonlySet<T>) {
    this.#ceilingBytes = ceilingBytes;
    this.#running = running;
  }

  /** An instance has been made, and has not run yet. */
  made(instance: T): void {
    this.#newBytes = instance.memoryBytes;
  }

  get bytes(): number {
    let sum = 0;
    for (const { memoryBytes } of this.#running) sum += memoryBytes;
    return sum;
  }

  /** Whether one more may be there. One alone always may: it cannot have more than the ceiling. */
  get hasRoom(): boolean {
    return this.#running.size === 0 || this.bytes + this.#newBytes <= this.#ceilingBytes;
  }

  /** Why the instance that has just computed may not go on, if all together have too much: it is the one that took it. */
  get refusal(): string | undefined {
    const { bytes } = this;
    if (this.#running.size < 2 || bytes <= this.#ceilingBytes) return undefined;
    const count = `the ${this.#running.size} requests under way had ${mibOf(bytes)} of memory`;
    return `${count}, and may have ${mibOf(this.#ceilingBytes)} together: raise "limits.memoryCeilingBytes" (${this.#ceilingBytes}) if they need more`;
  }

  /** Why an instance that failed may have done so, where it is for want of memory. */
  problemOf({ memoryBytes }: T, lastWords: string | undefined): string | undefined {
    return memoryProblem({ memoryBytes, ceilingBytes: this.#ceilingBytes, lastWords });
  }
}
