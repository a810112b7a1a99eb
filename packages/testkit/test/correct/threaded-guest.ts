import { Worker } from 'node:worker_threads';
import type { Guest, GuestNeeds } from './guest.ts';

type Told =
  | { readonly url: string }
  | { readonly level: string; readonly line: string }
  | { readonly answer: string | boolean; readonly leaks: number }
  | { readonly failure: string; readonly trapped: boolean };

/** A guest in a thread of its own, which asks this one for HTTP. */
export class ThreadedGuest implements Guest {
  readonly #worker: Worker;
  readonly #needs: GuestNeeds;
  #asked = Promise.withResolvers<string | boolean>();
  trapped = false;
  leaks = 0;

  constructor(needs: GuestNeeds) {
    this.#needs = needs;
    this.#worker = new Worker(new URL('./fixtures/guest-thread.ts', import.meta.url), {
      workerData: needs.bytes,
      execArgv: ['--conditions=@lockgate/source'],
    });
    this.#worker.on('message', (told: Told) => this.#hear(told));
    this.#worker.on('error', (error) => {
      this.trapped = true;
      this.#asked.reject(error);
    });
  }

  exchange(field: string, input?: string): Promise<string> {
    return this.#ask(input === undefined ? { field } : { field, input }) as Promise<string>;
  }

  healthy(): Promise<boolean> {
    return this.#ask({ field: 'healthy' }) as Promise<boolean>;
  }

  end(): Promise<unknown> {
    return this.#worker.terminate();
  }

  #ask(question: object): Promise<string | boolean> {
    this.#asked = Promise.withResolvers();
    this.#worker.postMessage(question);
    return this.#asked.promise;
  }

  #hear(told: Told): void {
    if ('line' in told) this.#needs.onGuestLog(told.level, told.line);
    else if ('url' in told) void this.#fetch(told.url);
    else if ('failure' in told) {
      this.trapped = told.trapped;
      this.#asked.reject(new Error(told.failure));
    } else {
      this.leaks = told.leaks;
      this.#asked.resolve(told.answer);
    }
  }

  async #fetch(url: string): Promise<void> {
    const response = await this.#needs.fetch(url);
    this.#worker.postMessage({ body: await response.text(), status: response.status });
  }
}
