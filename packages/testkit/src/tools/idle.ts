const TURNS = 100;

/**
 * Lets everything that is ready to run, run: a hundred turns of the event loop, without a clock. Use it where a faulty subject
 * needs its chance to do what it must not do. Work in another thread may take longer; then a fault may go unseen, but never the
 * other way round.
 */
export async function idle(turns: number = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
