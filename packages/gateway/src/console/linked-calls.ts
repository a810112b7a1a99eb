import type { WatchedCall } from './watched-call.ts';

/** The calls that run, the oldest first. They are linked to each other: beginning and ending one makes nothing, however many run. */
export class LinkedCalls implements Iterable<WatchedCall> {
  #oldest: WatchedCall | undefined;
  #newest: WatchedCall | undefined;

  add(call: WatchedCall): void {
    call.before = this.#newest;
    if (this.#newest) this.#newest.after = call;
    else this.#oldest = call;
    this.#newest = call;
  }

  /** Each once. */
  remove(call: WatchedCall): void {
    const { before, after } = call;
    if (before) before.after = after;
    else this.#oldest = after;
    if (after) after.before = before;
    else this.#newest = before;
    call.before = undefined;
    call.after = undefined;
  }

  *[Symbol.iterator](): Generator<WatchedCall> {
    for (let call = this.#oldest; call; call = call.after) yield call;
  }
}
