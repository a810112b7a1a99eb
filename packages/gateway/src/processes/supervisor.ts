import type { Logger } from '../logger.ts';
import type { ProcessEnd, ServingProcess } from './serving-process.ts';

export interface SupervisorOptions {
  /** How many serve. */
  readonly count: number;
  /** Starts one. Its number is told from those that run at the same moment, and is as small as can be. */
  readonly start: (number: number) => ServingProcess;
  readonly logger: Logger;
  /** How long one may take to end once it was asked to, in milliseconds; then it is killed. */
  readonly endMs: () => number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
  /** Whether somebody waits there for the end of what starts all anew, who would not be told where it ended first. @default nobody does */
  readonly isWaitedAt?: (number: number) => boolean;
  /** Told once, when it starts none any more: they end again and again, and none serves. */
  readonly onCrashLoop: (last: ProcessEnd) => void;
}

/** What came of starting all anew, one after the other. */
export interface Rolled {
  /** How many were replaced. */
  readonly replaced: number;
  /** Why the others were not; what served goes on serving. */
  readonly failure?: string;
  /** Whether that was a signal, which somebody sent. */
  readonly wasKilled?: boolean;
}

/** The pause after the first end that nobody asked for, and the longest, in milliseconds: each is twice the one before. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** The longest while none serves: nobody else answers clients meanwhile. */
const LONGEST_UNSERVED_PAUSE_MS = 1_000;
/** One that has served so long had nothing to do with the ends before it. */
const SETTLED_MS = 60_000;
/** So many ends one after the other, none of which had served before, are a loop. */
const LOOP = 5;
/** How long the first ones wait for each other before they listen, in milliseconds. */
const TOGETHER_MS = 10_000;
/** How long one may take to be ready when it takes the place of another, in milliseconds. */
const READY_MS = 120_000;
const STOPPING = 'the gateway is stopping';

/** Keeps so many processes serving: starts again what dies, and replaces all, one after the other, without a gap. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Set<ServingProcess>();
  /** Those that were asked to end. */
  readonly #leaving = new WeakSet<ServingProcess>();
  /** Those that have served. */
  readonly #ready = new WeakSet<ServingProcess>();
  /** Those in whose place another one starts, with whether that came to serve. */
  readonly #replacing = new WeakMap<ServingProcess, Promise<boolean>>();
  #ends = 0;
  #unserved = 0;
  #restarts = 0;
  /** Resolves when the last one that serves has ended. */
  #noneServes = Promise.withResolvers<void>();
  readonly #stopping = Promise.withResolvers<'stopping'>();
  #isStopping = false;
  /** The first ones listen together, so that clients that come at once are shared among all. */
  #areOpening = true;
  #rolling: Promise<Rolled> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** All that run, also those that are asked to end, by number. */
  get running(): readonly ServingProcess[] {
    return [...this.#running].sort((one, other) => one.number - other.number);
  }

  /** Those that are to go on. */
  get staying(): readonly ServingProcess[] {
    return this.running.filter((one) => !this.#leaving.has(one));
  }

  /** Those that serve and are to go on. */
  get serving(): readonly ServingProcess[] {
    return this.staying.filter((one) => this.#ready.has(one));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** How often one was started again that nobody had asked to end. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Starts the first, and once that could serve all others; then all listen. What it answers is how the first ended, where it never served. */
  async open(): Promise<ProcessEnd | undefined> {
    const first = this.#start(false);
    const all = [first];
    const end = await Promise.race([first.prepared.then(() => undefined), first.ended]);
    if (end) return end;
    while (all.length < this.#options.count && !this.#isStopping) all.push(this.#start(true));
    const [, ...others] = all.map((one) => Promise.race([one.prepared, one.ended]));
    if (others.length > 0) await Promise.race([Promise.all(others), this.#options.pause(TOGETHER_MS)]);
    this.#areOpening = false;
    for (const one of this.#running) one.listen();
    const failed = await Promise.race([first.ready.then(() => undefined), first.ended]);
    if (failed) return failed;
    this.#watch(first);
    return undefined;
  }

  /** Replaces all that run now, one after the other: each ends when another serves in its place. Asked again meanwhile, it does so again afterwards. */
  roll(): Promise<Rolled> {
    const before = this.#rolling ?? Promise.resolve();
    const rolling = before
      .then(() => this.#roll())
      .finally(() => {
        if (this.#rolling === rolling) this.#rolling = undefined;
      });
    this.#rolling = rolling;
    return rolling;
  }

  /** From now on none is started any more, and starting all anew is over. Idempotent. */
  startNoMore(): void {
    this.#isStopping = true;
    this.#stopping.resolve('stopping');
  }

  /**
   * Lets all end, and resolves when they have.
   *
   * @param how - `leave` lets others take over first, which may be on other machines.
   */
  async stop(how: 'leave' | 'close'): Promise<void> {
    this.startNoMore();
    await Promise.all(this.running.map((one) => this.#end(one, how)));
  }

  /** Ends all at once. */
  kill(): void {
    this.startNoMore();
    for (const one of this.#running) one.kill('SIGKILL');
  }

  async #roll(): Promise<Rolled> {
    let replaced = 0;
    const { isWaitedAt = () => false } = this.#options;
    const waited = new Set(this.running.filter(({ number }) => isWaitedAt(number)));
    for (const old of new Set([...this.running.filter((one) => !waited.has(one)), ...waited])) {
      if (this.#isStopping) return { replaced, failure: STOPPING };
      if (!this.#running.has(old) || this.#leaving.has(old)) continue;
      const replacing = Promise.withResolvers<boolean>();
      this.#replacing.set(old, replacing.promise);
      const fresh = this.#start(false);
      const end = await Promise.race([
        fresh.ready.then(() => undefined),
        fresh.ended,
        this.#options.pause(READY_MS).then(() => 'late' as const),
        this.#stopping.promise,
      ]);
      // Whoever stops them all ends this one as well.
      if (end === 'stopping') return { replaced, failure: STOPPING };
      if (end !== undefined) {
        this.#leaving.add(fresh);
        fresh.kill('SIGKILL');
        this.#replacing.delete(old);
        replacing.resolve(false);
        return {
          replaced,
          ...(end !== 'late' && end.signal !== null && { wasKilled: true }),
          failure: end === 'late' ? `it was not ready after ${READY_MS} ms` : `it ended by ${endText(end)}`,
        };
      }
      this.#watch(fresh);
      replacing.resolve(true);
      const ending = this.#end(old, 'leave');
      if (!waited.has(old)) await Promise.race([ending, this.#stopping.promise]);
      replaced += 1;
    }
    return { replaced };
  }

  async #end(one: ServingProcess, how: 'leave' | 'close'): Promise<void> {
    this.#leaving.add(one);
    one.link.tell(how, null);
    const isLate = await Promise.race([
      one.ended.then(() => false),
      this.#options.pause(this.#options.endMs()).then(() => true),
    ]);
    if (!isLate) return;
    this.#options.logger.warn({ worker: one.number, pid: one.pid }, 'a process did not end in time and is killed');
    one.kill('SIGKILL');
    await one.ended;
  }

  #start(isWatched: boolean): ServingProcess {
    const taken = new Set(Array.from(this.#running, ({ number }) => number));
    let number = 1;
    while (taken.has(number)) number += 1;
    const one = this.#options.start(number);
    this.#running.add(one);
    if (!this.#areOpening) one.listen();
    void one.ready.then(() => {
      this.#ready.add(one);
      this.#unserved = 0;
    });
    void one.ended.then(() => {
      this.#running.delete(one);
      one.link.close();
      if (this.serving.length > 0) return;
      this.#noneServes.resolve();
      this.#noneServes = Promise.withResolvers();
    });
    if (isWatched) this.#watch(one);
    return one;
  }

  /** From now on another one is started where this one ends by itself. */
  #watch(one: ServingProcess): void {
    const since = this.#options.now();
    void one.ended.then((end) => this.#endedAlone(one, end, this.#options.now() - since));
  }

  async #endedAlone(one: ServingProcess, end: ProcessEnd, servedMs: number): Promise<void> {
    if (this.#isStopping || this.#leaving.has(one) || (await this.#replacing.get(one))) return;
    const { logger, pause, onCrashLoop } = this.#options;
    const doServe = this.serving.length > 0;
    this.#ends = servedMs >= SETTLED_MS ? 1 : this.#ends + 1;
    if (!this.#ready.has(one)) this.#unserved += 1;
    const facts = { worker: one.number, pid: one.pid, end: endText(end) };
    if (this.#unserved >= LOOP && !doServe) {
      logger.error(facts, `a process ended; ${LOOP} in a row never served, and none is started any more`);
      this.startNoMore();
      onCrashLoop(end);
      return;
    }
    const longestMs = doServe ? LONGEST_PAUSE_MS : LONGEST_UNSERVED_PAUSE_MS;
    const afterMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#ends - 1), longestMs);
    logger.error({ ...facts, afterMs }, 'a process ended by itself and is started again');
    await (doServe ? this.#pauseWhileOthersServe(afterMs) : pause(afterMs));
    if (this.#isStopping) return;
    this.#restarts += 1;
    const again = this.#start(true);
    const isLate = await Promise.race([
      Promise.race([again.ready, again.ended]).then(() => false),
      pause(READY_MS).then(() => true),
    ]);
    if (!isLate || this.#leaving.has(again)) return;
    logger.warn({ worker: again.number, pid: again.pid }, 'a process does not come to serve and is killed');
    again.kill('SIGKILL');
  }

  /** As long, and no longer than a moment once none serves. */
  async #pauseWhileOthersServe(milliseconds: number): Promise<void> {
    const { pause } = this.#options;
    const noneServes = this.#noneServes.promise.then(() => pause(LONGEST_UNSERVED_PAUSE_MS));
    await Promise.race([pause(milliseconds), noneServes]);
  }
}

export function endText({ code, signal }: ProcessEnd): string {
  return signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`;
}
