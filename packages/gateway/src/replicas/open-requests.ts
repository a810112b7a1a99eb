import { isMissing, type Open } from './passed-on.ts';
import type { UnderWay } from './replica-message.ts';
import type { Replicas } from './replicas.ts';

/** Pauses before one that does not hear is told again, in milliseconds: where it lives its connection is there again in a moment. */
export const TOLD_AGAIN_MS = [100, 200, 400] as const;

/** Requests that this gateway has passed on and that are under way, and what is asked of those who have them. */
export class OpenRequests {
  readonly #replicas: Replicas;
  readonly #died: (id: number) => Promise<void>;
  readonly #open = new Map<number, Open>();
  /** Those who did not hear at the last beat. */
  readonly #unheard = new Set<string>();
  /** What is to be asked of each next, and misses something since the last time that was asked. */
  readonly #toAsk = new Map<string, Set<Open>>();
  readonly #asking = new Set<string>();

  /** @param died - Called for each of one that answers nothing more. */
  constructor(replicas: Replicas, died: (id: number) => Promise<void>) {
    this.#replicas = replicas;
    this.#died = died;
    replicas.onBeat(() => this.#lookAfter());
    replicas.onRenewed(() => this.#askAllAgain());
    replicas.onOtherRenewed((name) => {
      if (this.of(name).length > 0) this.askAbout(name);
    });
  }

  get size(): number {
    return this.#open.size;
  }

  add(id: number, open: Open): void {
    this.#open.set(id, open);
  }

  get(id: number): Open | undefined {
    return this.#open.get(id);
  }

  /** It is over. */
  take(id: number): Open | undefined {
    const open = this.#open.get(id);
    this.#open.delete(id);
    return open;
  }

  /** Those of now. */
  all(): readonly (readonly [id: number, open: Open])[] {
    return [...this.#open];
  }

  of(holder: string): readonly (readonly [id: number, open: Open])[] {
    return this.all().filter(([, { to }]) => to === holder);
  }

  /** Has the holder say what it has of them. */
  askAbout(to: string): void {
    void this.#askSoon(to, []);
  }

  /** Has the holder tell again what one misses. Once for each part: what comes after it arrives again as well. */
  askAgain(open: Open): void {
    if (isMissing(open)) return;
    open.askedFor = open.part;
    void this.#askSoon(open.to, [open]);
  }

  /** One question at a time: what turns out to be missing meanwhile is asked for together, since each names all that are open. */
  async #askSoon(to: string, missing: readonly Open[]): Promise<void> {
    const asked = this.#toAsk.get(to) ?? new Set();
    for (const open of missing) asked.add(open);
    this.#toAsk.set(to, asked);
    if (this.#asking.has(to)) return;
    this.#asking.add(to);
    // The rest of what came in this turn may miss something too.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (;;) {
      const those = this.#toAsk.get(to);
      this.#toAsk.delete(to);
      if (!those) break;
      await this.#askFor(to, (open) => those.has(open) && isMissing(open)).catch(() => undefined); // asked again with the next beat
    }
    this.#asking.delete(to);
  }

  /** Answers may have come while nothing was heard. */
  #askAllAgain(): void {
    for (const open of this.#open.values()) open.askedFor = open.part;
    for (const to of this.#holders())
      void this.#askSoon(
        to,
        this.of(to).map(([, open]) => open),
      );
  }

  #holders(): ReadonlySet<string> {
    return new Set([...this.#open.values()].map(({ to }) => to));
  }

  /** Those who have died answer nothing more; the others say which they know nothing of. */
  #lookAfter(): void {
    const holders = this.#holders();
    for (const to of this.#unheard) if (!holders.has(to)) this.#unheard.delete(to);
    for (const to of holders) {
      this.#replicas
        .isAlive(to)
        .then((isAlive) => (isAlive ? this.#askAtBeat(to) : this.#allDied(this.of(to))))
        .catch(() => undefined); // asked again with the next beat
    }
  }

  /** One that does not hear at one beat, nor in the moment after it, nor at the next, has been killed, long before its record is gone; one that connects again hears in between. */
  async #askAtBeat(to: string): Promise<void> {
    const asked = this.of(to);
    if (await this.#askFor(to)) this.#unheard.delete(to);
    else if (this.#unheard.delete(to)) await this.#allDied(asked);
    else if (!(await this.#hearsInAMoment(to))) this.#unheard.add(to);
  }

  async #hearsInAMoment(to: string): Promise<boolean> {
    for (const pause of TOLD_AGAIN_MS) {
      await new Promise<void>((resolve) => setTimeout(resolve, pause));
      if (this.of(to).length === 0 || (await this.#askFor(to))) return true;
    }
    return false;
  }

  /** Names all of now: one that was passed on while something else was asked would be taken for one whose client has left. */
  async #askFor(to: string, isMissed: (open: Open) => boolean = isMissing): Promise<boolean> {
    const from = this.#replicas.name;
    if (from === undefined) return true;
    const requests = this.of(to).map(
      ([id, open]): UnderWay => ({
        id,
        told: open.told,
        part: open.part,
        isMissed: isMissed(open),
        written: open.written,
      }),
    );
    return this.#replicas.tell(to, { kind: 'open', from, requests });
  }

  async #allDied(asked: readonly (readonly [id: number, open: Open])[]): Promise<void> {
    await Promise.all(asked.map(([id]) => this.#died(id)));
  }
}
