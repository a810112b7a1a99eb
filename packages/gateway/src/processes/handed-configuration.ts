import type { FileTexts } from '../config/file-texts.ts';
import type { ServingProcess } from './serving-process.ts';
import type { Rolled, Supervisor } from './supervisor.ts';

/** How often all are started anew with the texts of before, where some have others. */
const MAX_ROLLS_BACK = 2;

/** The files of the configuration as all processes have them: whenever one starts, it is handed what the others serve, whatever the files hold by then. */
export class HandedConfiguration {
  #texts: FileTexts;
  readonly #handed = new WeakMap<ServingProcess, FileTexts>();

  constructor(texts: FileTexts) {
    this.#texts = texts;
  }

  /** Starts one, which may ask for them. */
  start(start: (texts: FileTexts) => ServingProcess): ServingProcess {
    const texts = this.#texts;
    const started = start(texts);
    this.#handed.set(started, texts);
    return started;
  }

  /** Starts all anew with other texts; where that fails, those that have them are started anew with those of before. One that somebody has killed says nothing of the texts: it is tried once more. */
  async roll(supervisor: Pick<Supervisor, 'roll' | 'staying' | 'isStopping'>, texts: FileTexts): Promise<Rolled> {
    const before = this.#texts;
    this.#texts = texts;
    let rolled = await supervisor.roll();
    if (rolled.wasKilled && !supervisor.isStopping) rolled = await supervisor.roll();
    if (rolled.failure === undefined || supervisor.isStopping) return rolled;
    this.#texts = before;
    const others = (): readonly ServingProcess[] =>
      supervisor.isStopping ? [] : supervisor.staying.filter((one) => this.#handed.get(one) !== before);
    for (let tries = 0; tries < MAX_ROLLS_BACK && others().length > 0; tries += 1) await supervisor.roll();
    // None comes up in their place: they end first, and are started again as those are that end by themselves.
    for (const one of others()) one.link.tell('leave', null);
    return rolled;
  }
}
