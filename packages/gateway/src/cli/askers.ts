/** Those who asked for the configuration to be read again, and are told what came of it. */
export class Askers<Told> {
  /** Who asked since the last look at the files, and who asked for the one that is made now. */
  #next: ((told: Told) => void)[] = [];
  #answering: ((told: Told) => void)[] = [];
  #last: { readonly told: Told } | undefined;

  /** Resolves when the look that begins next has come to something. */
  ask(): Promise<Told> {
    if (this.#last) return Promise.resolve(this.#last.told);
    const { promise, resolve } = Promise.withResolvers<Told>();
    this.#next.push(resolve);
    return promise;
  }

  /** A look at the files begins; answers whether anybody asked for it. */
  begin(): boolean {
    this.#answering = this.#next;
    this.#next = [];
    return this.#answering.length > 0;
  }

  /** What came of the look that is made now. */
  tell(told: Told): void {
    for (const answer of this.#answering.splice(0)) answer(told);
  }

  /** No look begins any more: tells it to those who wait, and to whoever asks later. */
  end(told: Told): void {
    this.#last = { told };
    this.begin();
    this.tell(told);
  }
}
