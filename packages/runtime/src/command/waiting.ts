import { ControlWord } from './command-setup.ts';

/** Does something that blocks the guest's thread for as long as it takes: then the guest does not compute. */
export type Waiting = <T>(work: () => T) => T;

/** @param before - Done before each wait. */
export function waitingIn(control: Int32Array, before: () => void): Waiting {
  return (work) => {
    before();
    Atomics.add(control, ControlWord.waits, 1);
    Atomics.store(control, ControlWord.isWaiting, 1);
    try {
      return work();
    } finally {
      Atomics.store(control, ControlWord.isWaiting, 0);
      Atomics.add(control, ControlWord.waits, 1);
    }
  };
}
