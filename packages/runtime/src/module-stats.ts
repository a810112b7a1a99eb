/** Figures of one module since it was loaded, summed over all its instances, those that have ended included. */
export interface ModuleStats {
  readonly name: string;
  readonly isolation: 'worker' | 'inline';
  readonly state: 'open' | 'closing' | 'closed';
  /** Calls that entered a guest, `name()` and the like included. */
  readonly calls: number;
  /** Calls that ended in a rejection, whatever its cause: traps and time-outs that a caller heard of are counted here too. */
  readonly errors: number;
  /** Guests that trapped or had no memory for a message, also after their caller had left. What the host ended is none. */
  readonly traps: number;
  readonly timeouts: number;
  /** Calls that wait for their turn now. */
  readonly queueLength: number;
  /** Time that calls spent in guests, in milliseconds. */
  readonly busyMs: number;
  /** Duration of recent calls from entering the guest to leaving it, in milliseconds; 0 before the first call. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Linear memory of all live instances, in bytes, as it was after each one's last call. */
  readonly memoryBytes: number;
  /** Bytes that guests could not free, live instances only. */
  readonly leakedBytes: number;
  /** Live instances. */
  readonly instances: number;
  /** Instances that were replaced after a trap, a time-out, an abort or a leak, or without memory for a message. */
  readonly recycled: number;
  /** True while the crash-loop breaker makes calls fail fast. */
  readonly crashLooping: boolean;
}
