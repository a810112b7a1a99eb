import fc from 'fast-check';
import { firstFailure } from '../test-api.ts';
import { idle } from './idle.ts';

/** How long a failure may be made shorter. A scenario that fails by hanging takes its time each time. */
const SHRINK_MS = 10_000;

/** What one run of a scenario is given. */
export interface Steps {
  /** A point where the explored order decides who goes on. Await it wherever another actor may get in between. */
  step(label: string): Promise<void>;
}

/** How far to explore. */
export interface InterleaveOptions {
  /** Orders to try. @default 200 */
  readonly runs?: number;
  /** Tries exactly this order: the picks that a failure printed. */
  readonly replay?: readonly number[];
  /** Makes the exploration itself the same each time. @default random */
  readonly seed?: number;
}

/**
 * Runs a scenario of concurrent actors in many orders: whenever every actor waits at a `step`, one of them is picked to go on. A failing
 * order is shrunk to the shortest list of picks, nearest to first come, first served; the error's message shows the steps in that order and
 * ends with one line, `replay: [...]`, which is the option that runs it again. Shrinking ends after 10 s with the shortest so far.
 *
 * @throws Error with the scenario's own error as its cause.
 */
export async function interleave(
  scenario: (steps: Steps) => Promise<void>,
  options: InterleaveOptions = {},
): Promise<void> {
  if (options.replay) return attempt(scenario, options.replay);
  const picks = fc.array(fc.nat({ max: 63 }), { maxLength: 64, size: 'max' });
  let shrinkUntil = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(picks, async (order) => {
    if (performance.now() > shrinkUntil) return; // the shortest order so far is what gets reported
    try {
      await attempt(scenario, order);
    } catch (error) {
      shrinkUntil = Math.min(shrinkUntil, performance.now() + SHRINK_MS);
      throw error;
    }
  });
  const found = await fc.check(property, {
    numRuns: options.runs ?? 200,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  if (found.failed) throw found.errorInstance;
}

async function attempt(scenario: (steps: Steps) => Promise<void>, picks: readonly number[]): Promise<void> {
  const schedule = new Schedule(picks);
  try {
    await schedule.drive(scenario({ step: (label) => schedule.step(label) }));
  } catch (error) {
    const cause = firstFailure(error);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${reason}\n  order: ${schedule.taken.join(' → ')}\n  replay: [${schedule.choices.join(', ')}]`, {
      cause,
    });
  }
}

class Schedule {
  readonly taken: string[] = [];
  readonly #choices: number[] = [];
  readonly #picks: readonly number[];
  readonly #waiting: { readonly label: string; readonly go: () => void }[] = [];
  #pick = 0;
  #arrival: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(picks: readonly number[]) {
    this.#picks = picks;
  }

  /** The picks that were made, without the last ones that only took whoever came first. */
  get choices(): readonly number[] {
    return this.#choices.slice(0, this.#choices.findLastIndex((choice) => choice > 0) + 1);
  }

  step(label: string): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ label, go });
      this.#arrival.resolve();
    });
  }

  /** Lets one actor after the other go on, until the scenario has ended. */
  async drive(scenario: Promise<void>): Promise<void> {
    let over = false;
    const end = (): void => {
      over = true;
    };
    const ended = scenario.then(end, end);
    while (!over) {
      await idle(2);
      // What has no pick left goes first come, first served: so a shrunk list of picks is also the plainest order.
      const choice = (this.#picks[this.#pick] ?? 0) % Math.max(1, this.#waiting.length);
      const [next] = this.#waiting.splice(choice, 1);
      if (!next) {
        await Promise.race([ended, this.#arrival.promise]);
        this.#arrival = Promise.withResolvers();
        continue;
      }
      this.#pick += 1;
      this.taken.push(next.label);
      this.#choices.push(choice);
      next.go();
    }
    await scenario;
  }
}
