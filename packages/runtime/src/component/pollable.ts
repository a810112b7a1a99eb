import type { Kept } from './host-memory.ts';

/** How a guest sleeps: its thread blocks, or it is suspended. */
export type Sleep = (ms: number) => void | Promise<void>;

const LONGEST_MS = 2 ** 31 - 1;

/** Something that a guest can wait for. */
export class Pollable implements Kept {
  readonly keptBytes = 0;
  readonly keeps: readonly Kept[] | undefined;
  readonly #waitMs: () => number;
  readonly #arrive: (() => void | Promise<void>) | undefined;

  /**
   * @param waitMs - How long it takes until it is ready, in ms; 0 when it is.
   * @param arrive - Brings about what is waited for; it is ready afterwards.
   * @param of - What it waits for.
   */
  constructor(waitMs: () => number = () => 0, arrive?: () => void | Promise<void>, of?: Kept) {
    this.#waitMs = waitMs;
    this.#arrive = arrive;
    this.keeps = of && [of];
  }

  get waitMs(): number {
    return this.#waitMs();
  }

  /** Whether it is ready. What only the host can bring about is brought about: the guest has asked for it. */
  ready(): boolean | Promise<boolean> {
    const arriving = (this.waitMs > 0 ? this.#arrive?.() : undefined) as Promise<void> | undefined;
    return arriving !== undefined ? arriving.then(() => true) : this.waitMs <= 0;
  }
}

/** Waits until one of them is ready, and answers the places of those that are. */
export function poll(pollables: readonly Pollable[], sleep: Sleep): Uint32Array | Promise<Uint32Array> {
  if (pollables.length === 0) throw new WebAssembly.RuntimeError('poll: nothing is waited for');
  const states = pollables.map((one) => one.ready());
  if (states.some((state) => typeof state !== 'boolean')) {
    return Promise.all(states).then((known) => placesOf(known) ?? sleepOn(pollables, sleep));
  }
  return placesOf(states as readonly boolean[]) ?? sleepOn(pollables, sleep);
}

function sleepOn(pollables: readonly Pollable[], sleep: Sleep): Uint32Array | Promise<Uint32Array> {
  for (;;) {
    const waitMs = Math.min(LONGEST_MS, ...pollables.map((one) => one.waitMs));
    const sleeping = sleep(Math.max(0, waitMs)) as Promise<void> | undefined;
    if (sleeping !== undefined) return sleeping.then(() => poll(pollables, sleep));
    const places = placesOf(pollables.map((one) => one.waitMs <= 0));
    if (places) return places;
  }
}

function placesOf(states: readonly boolean[]): Uint32Array | undefined {
  const places = states.flatMap((isReady, index) => (isReady ? [index] : []));
  return places.length > 0 ? Uint32Array.from(places) : undefined;
}
