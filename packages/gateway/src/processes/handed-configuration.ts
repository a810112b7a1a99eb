import type { FileTexts } from '../config/file-texts.ts';
import type { ServingProcess } from './serving-process.ts';
import type { Rolled, Supervisor } from './supervisor.ts';

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
    if (supervisor.staying.some((one) => this.#handed.get(one) !== before)) await supervisor.roll();
    return rolled;
  }
}
