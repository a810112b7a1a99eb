import type { Clock } from './clock.ts';

/** What one look at a module led to: look again soon, look again later, or leave it alone. */
export type Verdict = 'soon' | 'later' | 'rest';

const DELAYS_MS = [2_000, 5_000, 30_000, 300_000, 600_000];
const SOON_MS = 15_000;
const BUSY_RETRIES = 10;

interface Planned<T> {
  readonly subject: T;
  looks: number;
  retries: number;
  cancel: () => void;
}

/**
 * Looks at each module again and again until there is nothing left to gain: after 2 seconds, 5, half a minute, five
 * minutes, then every ten. A look waits while the event loop is busy, at most some twenty seconds.
 */
export class RefreshSchedule<T> {
  readonly #clock: Clock;
  readonly #look: (subject: T) => Promise<Verdict>;
  readonly #planned = new Set<Planned<T>>();
  readonly #busy: () => boolean;
  #looking: Promise<unknown> = Promise.resolve();
  #stopped = false;

  /** @param look - Must not reject. */
  constructor(clock: Clock, look: (subject: T) => Promise<Verdict>) {
    this.#clock = clock;
    this.#look = look;
    this.#busy = clock.watchBusy();
  }

  /** What is still being watched. */
  get subjects(): readonly T[] {
    return [...this.#planned].map(({ subject }) => subject);
  }

  watch(subject: T): void {
    if (this.#stopped) return;
    const planned: Planned<T> = { subject, looks: 0, retries: 0, cancel: () => undefined };
    this.#planned.add(planned);
    this.#plan(planned, DELAYS_MS[0] ?? 0);
  }

  /** Plans no further looks and waits for the one under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#planned) cancel();
    await this.#looking;
  }

  #plan(planned: Planned<T>, delayMs: number): void {
    planned.cancel = this.#clock.after(delayMs, () => {
      this.#looking = this.#looking.then(() => this.#due(planned)); // one after the other: each costs processor time
    });
  }

  async #due(planned: Planned<T>): Promise<void> {
    if (this.#stopped) return;
    if (this.#busy() && planned.retries++ < BUSY_RETRIES) return this.#plan(planned, DELAYS_MS[0] ?? 0);
    const verdict = await this.#look(planned.subject);
    if (verdict === 'rest') {
      this.#planned.delete(planned);
      return;
    }
    if (this.#stopped) return;
    planned.retries = 0;
    if (verdict === 'later') planned.looks++;
    this.#plan(planned, verdict === 'soon' ? SOON_MS : (DELAYS_MS[planned.looks] ?? DELAYS_MS.at(-1) ?? 0));
  }
}
