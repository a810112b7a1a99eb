import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keepChild, nodeFlags } from '../subjects/children.ts';
import type { LoadAnswer, LoadRequest, LoadRun, Opened, Target } from './target.ts';

/** What is given, without what says which answer belongs to it. */
type Question = { readonly open: Target } | { readonly run: number; readonly forMs: number; readonly atMost: number };

/** The process that makes the calls; one for all targets of a figure, so that all meet the same clients. */
export class Load implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Opened | LoadRun>>();
  #seq = 0;
  #targets = 0;

  constructor() {
    const program = fileURLToPath(new URL('./load-program.ts', import.meta.url));
    this.#child = keepChild(fork(program, { execArgv: [...nodeFlags], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    this.#child.on('message', (answer: LoadAnswer) => this.#take(answer));
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process that makes the calls has ended'));
    });
  }

  async open(
    target: Target,
  ): Promise<{ readonly opened: Opened; readonly run: (forMs: number, atMost: number) => Promise<LoadRun> }> {
    const opened = (await this.#ask({ open: target })) as Opened;
    const run = this.#targets++;
    return { opened, run: async (forMs, atMost) => (await this.#ask({ run, forMs, atMost })) as LoadRun };
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #ask(question: Question): Promise<Opened | LoadRun> {
    const seq = this.#seq++;
    const waiting = Promise.withResolvers<Opened | LoadRun>();
    this.#waiting.set(seq, waiting);
    this.#child.send({ seq, ...question } satisfies LoadRequest);
    return waiting.promise;
  }

  #take(answer: LoadAnswer): void {
    const waiting = this.#waiting.get(answer.seq);
    this.#waiting.delete(answer.seq);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.result);
  }
}
