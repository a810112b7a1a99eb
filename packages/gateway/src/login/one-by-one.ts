/** Work on things of one name, one after the other; on others at the same time. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>();

  take<R>(name: string, work: () => Promise<R>): Promise<R> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const done = before.then(work);
    const over = done.catch(() => undefined);
    this.#last.set(name, over);
    void over.then(() => {
      if (this.#last.get(name) === over) this.#last.delete(name);
    });
    return done;
  }
}
