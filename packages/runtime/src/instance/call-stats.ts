/** Calls whose duration is remembered; percentiles speak of these. */
const REMEMBERED_CALLS = 1_024;

/** Counts what happens to the calls of one module. */
export class CallStats {
  calls = 0;
  errors = 0;
  traps = 0;
  timeouts = 0;
  recycled = 0;
  busyMs = 0;
  readonly #durationsMs: Float64Array = new Float64Array(REMEMBERED_CALLS);

  /** A call has left the guest, or given up on it. */
  ended(durationMs: number): void {
    this.#durationsMs[this.calls % REMEMBERED_CALLS] = durationMs;
    this.calls += 1;
    this.busyMs += durationMs;
  }

  /** Durations of recent calls that so much of them, from 0 to 1, do not exceed; in milliseconds. */
  percentilesMs(...fractions: readonly number[]): readonly number[] {
    const sorted = this.#durationsMs.slice(0, Math.min(this.calls, REMEMBERED_CALLS)).sort();
    return fractions.map((fraction) => sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0);
  }
}
