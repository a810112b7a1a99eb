/** How languages say that they got no memory: Go; Rust; C++; AssemblyScript and others. */
const OUT_OF_MEMORY =
  /\bout of memory\b|memory allocation of \d+ bytes failed|std::bad_alloc|cannot allocate memory|heap limit exceeded/i;

/** Below its ceiling by no more than this part, memory is taken for used up: allocators grow by large steps, and give up where the next has no room. */
const NEARLY_ALL = 7 / 8;

export interface EndedGuest {
  readonly memoryBytes: number;
  readonly ceilingBytes: number;
  /** The last of what it wrote to stderr or the log. */
  readonly lastWords: string | undefined;
}

/**
 * Why a guest that has failed may have done so, where it is for want of memory: it said so, or had nearly all that it may have. Nothing tells a host of a
 * growth that was refused. Undefined where nothing speaks for that.
 */
export function memoryProblem({ memoryBytes, ceilingBytes, lastWords = '' }: EndedGuest): string | undefined {
  const remedy = `raise "limits.memoryCeilingBytes" (${ceilingBytes}) if it needs more`;
  if (OUT_OF_MEMORY.test(lastWords))
    return `it got no more memory under its ceiling of ${mibOf(ceilingBytes)}: ${remedy}`;
  if (memoryBytes < ceilingBytes * NEARLY_ALL) return undefined;
  return `it had ${mibOf(memoryBytes)} of the ${mibOf(ceilingBytes)} of memory that it may have: ${remedy}`;
}

/** So many bytes in MiB, for people. */
export function mibOf(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1).replace(/\.0$/, '')} MiB`;
}
