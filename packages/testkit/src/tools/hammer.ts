/** How hard to hammer. */
export interface HammerOptions {
  /** Workers side by side. @default 16 */
  readonly workers?: number;
  /** Turns of each worker, one after the other. @default 25 */
  readonly loops?: number;
}

/**
 * Runs P workers with N loops each. All wait behind one starting gun, so that the first calls collide. Every worker runs to its end
 * or to its first failure.
 *
 * @throws AggregateError with every worker's failure, when there are any.
 */
export async function hammer(
  options: HammerOptions,
  work: (worker: number, loop: number) => Promise<void>,
): Promise<void> {
  const gun = Promise.withResolvers<void>();
  const workers = Array.from({ length: options.workers ?? 16 }, async (_, worker) => {
    await gun.promise;
    for (let loop = 0; loop < (options.loops ?? 25); loop += 1) await work(worker, loop);
  });
  gun.resolve();
  const outcomes = await Promise.allSettled(workers);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (failures.length > 0) {
    throw new AggregateError(
      failures,
      `${failures.length} of ${workers.length} workers failed; the first: ${failures[0]}`,
    );
  }
}
