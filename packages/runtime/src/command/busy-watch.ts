import { ControlWord } from './command-setup.ts';

/** How often within its time a guest is looked at. */
const LOOKS = 4;

export interface BusyWatchOptions {
  /** Of {@link ControlWord}. */
  readonly control: Int32Array;
  readonly limitMs: number;
  /** Processor time that the guest's thread has taken so far, in ms; NaN where the system does not say. */
  readonly processorMs: () => number;
  /** Called once. */
  readonly onTooLong: () => void;
}

/**
 * Sees a guest that computes for so long without ever waiting for anything. Nothing else ends such a one: it hears of no deadline, and of no end
 * of its input. What counts is the time that its thread has had: on a busy machine one that is about to answer may get none for longer than its
 * limit. Where the system does not say that, the clock counts.
 */
export class BusyWatch {
  readonly #timer: NodeJS.Timeout;

  constructor({ control, limitMs, processorMs, onTooLong }: BusyWatchOptions) {
    let seen = -1;
    let looks = 0;
    let since = Number.NaN;
    this.#timer = setInterval(() => {
      const waits = Atomics.load(control, ControlWord.waits);
      if (Atomics.load(control, ControlWord.isWaiting) === 1) {
        seen = -1; // its start is no end of a wait that was counted
        return;
      }
      if (waits !== seen) {
        seen = waits;
        looks = 0;
        since = processorMs();
        return;
      }
      looks += 1;
      if (looks < LOOKS) return;
      const takenMs = processorMs() - since;
      if (takenMs < limitMs) return; // where the system does not say, it is not a number: the looks alone count
      this.stop();
      onTooLong();
    }, limitMs / LOOKS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
