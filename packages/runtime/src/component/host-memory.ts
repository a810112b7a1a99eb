import { mibOf } from '../memory-problem.ts';

const MIB = 1_048_576;
/** Of the ceiling on a guest's linear memory; what the host keeps for it comes beside that. */
const PART_OF_CEILING = 4;
/** A request and its answer may be that large, whatever the ceiling is. */
const LEAST_BYTES = 32 * MIB;

/** What the host keeps for a guest with this ceiling at most. */
export function mostKeptBytes(ceilingBytes: number): number {
  return Math.max(LEAST_BYTES, Math.floor(ceilingBytes / PART_OF_CEILING));
}

/** Something that the host keeps for a guest. */
export interface Kept {
  /** What it takes of the host's memory without what it keeps itself. */
  readonly keptBytes: number;
  /** What is there as long as this is. */
  readonly keeps?: readonly (Kept | undefined)[] | undefined;
}

/**
 * What the host keeps for one guest: headers, bodies, names, lists of files. It is bounded as a whole, since a guest's own ceiling bounds its linear
 * memory alone. What is kept is added up, and counted anew by the handles that there are once the sum is too large: so
 * whatever a guest has dropped is given back.
 */
export class HostMemory {
  readonly #limitBytes: number;
  readonly #instances = new Set<() => Iterable<unknown>>();
  readonly #underWay = new Set<Kept>();
  #sum = 0;

  /** @param ceilingBytes - Of the guest's linear memory. */
  constructor(ceilingBytes: number) {
    this.#limitBytes = mostKeptBytes(ceilingBytes);
  }

  /** Why something that is too much is refused. */
  get refusal(): string {
    return (
      `the host keeps ${mibOf(this.#limitBytes)} of headers, bodies and names for it at most; ` +
      'drop what is used no more, or raise "limits.memoryCeilingBytes": it is a quarter of that, and 32 MiB at least'
    );
  }

  /** An instance of the guest; what it answers is called when that has ended. @param held - What it has handles of. */
  join(held: () => Iterable<unknown>): () => void {
    this.#instances.add(held);
    return () => this.#instances.delete(held);
  }

  /** Keeps something although there may be no handle of it, until what it answers is called. */
  hold(kept: Kept): () => void {
    this.#underWay.add(kept);
    return () => this.#underWay.delete(kept);
  }

  /** Whether so many bytes more may be kept; they are counted then. */
  takes(byteLength: number): boolean {
    if (this.#sum + byteLength > this.#limitBytes) this.#sum = this.#weigh();
    if (this.#sum + byteLength > this.#limitBytes) return false;
    this.#sum += byteLength;
    return true;
  }

  /** @throws WebAssembly.RuntimeError where they may not, for functions of WASI that cannot say so */
  mustTake(byteLength: number): void {
    if (!this.takes(byteLength)) throw new WebAssembly.RuntimeError(this.refusal);
  }

  #weigh(): number {
    const seen = new Set<Kept>(this.#underWay);
    for (const held of this.#instances) for (const one of held()) if (isKept(one)) seen.add(one);
    let sum = 0;
    // What is added on the way is gone through as well.
    for (const one of seen) {
      sum += one.keptBytes;
      for (const inner of one.keeps ?? []) if (inner) seen.add(inner);
    }
    return sum;
  }
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'keptBytes' in value;
}
