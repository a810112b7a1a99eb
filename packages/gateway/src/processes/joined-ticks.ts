import type { Tick } from '../console/api.ts';
import { Ring } from '../console/ring.ts';

/** Ten minutes. */
const KEPT = 600;
const SECOND_MS = 1_000;
/** Seconds after which a process that tells of none has gone. */
const MOST_SILENT = 3;

/** How all processes together did in each of the last seconds: what each tells of its own, added up; of durations the longest, and memory without that of the process that keeps them. */
export class JoinedTicks {
  readonly ring: Ring<Tick> = new Ring<Tick>(KEPT);
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  /** Of each process, by its number: what it told of since the last second of all. */
  readonly #told = new Map<number, { latest: Tick; more: Tick[]; silent: number }>();

  /** @param now - Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
    this.#timer = setInterval(() => this.take(), SECOND_MS).unref();
  }

  /** A process has told of its second. */
  add(number: number, tick: Tick): void {
    const told = this.#told.get(number);
    // Their seconds do not end at the same moment: in one of all there may be two of a process, or none.
    if (told) Object.assign(told, { latest: tick, more: [...told.more, tick], silent: 0 });
    else this.#told.set(number, { latest: tick, more: [tick], silent: 0 });
  }

  /** Ends a second of all. */
  take(): void {
    for (const [number, told] of this.#told) if (told.silent++ >= MOST_SILENT) this.#told.delete(number);
    if (this.#told.size === 0) return;
    const all = [...this.#told.values()];
    const latest = all.map((told) => told.latest);
    const ended = all.flatMap(({ more }) => more);
    const sum = (ticks: readonly Tick[], of: (tick: Tick) => number): number =>
      ticks.reduce((total, tick) => total + of(tick), 0);
    const most = (of: (tick: Tick) => number | null): number | null => {
      const known = ended.map(of).filter((value) => value !== null);
      return known.length === 0 ? null : Math.max(...known);
    };
    this.ring.push({
      time: this.#now(),
      calls: sum(ended, ({ calls }) => calls),
      errors: sum(ended, ({ errors }) => errors),
      withheld: sum(ended, ({ withheld }) => withheld),
      denied: sum(ended, ({ denied }) => denied),
      p50Ms: most(({ p50Ms }) => p50Ms),
      p99Ms: most(({ p99Ms }) => p99Ms),
      running: sum(latest, ({ running }) => running),
      sessions: sum(latest, ({ sessions }) => sessions),
      rssBytes: sum(latest, ({ rssBytes }) => rssBytes),
      heapBytes: sum(latest, ({ heapBytes }) => heapBytes),
    });
    for (const told of all) told.more = [];
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
