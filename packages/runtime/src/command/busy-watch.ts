import { ControlWord } from './command-setup.ts';

/** How often within its time a guest is looked at. */
const LOOKS = 4;

/**
 * Sees a guest that computes for so long without ever waiting for anything. Nothing else ends such a one: it hears of no deadline, and of no end
 * of its input.
 */
export class BusyWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param onTooLong - Called once. */
  constructor(control: Int32Array, limitMs: number, onTooLong: () => void) {
    let seen = -1;
    let looks = 0;
    this.#timer = setInterval(() => {
      const waits = Atomics.load(control, ControlWord.waits);
      const isBusy = Atomics.load(control, ControlWord.isWaiting) === 0 && waits === seen;
      looks = isBusy ? looks + 1 : 0;
      seen = waits;
      if (looks < LOOKS) return;
      this.stop();
      onTooLong();
    }, limitMs / LOOKS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
