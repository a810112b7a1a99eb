import PQueue from 'p-queue';

/** Runs work when its turn comes, so many at a time, in the order in which it came. */
export type Schedule = (work: () => Promise<void>) => void;

/** A list of work, and as many consumers as may work at once, each asleep while there is none. */
export function consumers(count: number): Schedule {
  const list: (() => Promise<void>)[] = [];
  let awake = 0;
  const consume = async (): Promise<void> => {
    awake += 1;
    for (let work = list.shift(); work; work = list.shift()) await work();
    awake -= 1;
  };
  return (work) => {
    list.push(work);
    if (awake < count) void consume();
  };
}

/** Each waits for the promise of the one before; one at a time, whatever is asked for. */
export function chain(): Schedule {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    last = last.then(work);
  };
}

/** The package p-queue. */
export function queue(concurrency: number): Schedule {
  const waiting = new PQueue({ concurrency });
  return (work) => void waiting.add(work);
}
