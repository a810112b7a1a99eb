import { AsyncLocalStorage } from 'node:async_hooks';

/** One call that is inside a host function now, and the call that led to it. */
export interface Frame {
  readonly module: object;
  readonly parent: Frame | undefined;
  active: boolean;
}

const frames = new AsyncLocalStorage<Frame>();
let activeFrames = 0;

/** The host call that the present code was called from, however indirectly. Costs nothing while there is none anywhere. */
export function currentFrame(): Frame | undefined {
  return activeFrames === 0 ? undefined : frames.getStore();
}

/**
 * Runs a host function on behalf of a module, so that calls made from inside it can be told from others. `parent` is the
 * frame that the guest's call was made from: a worker's messages arrive outside of it.
 */
export async function insideHostCall<T>(module: object, parent: Frame | undefined, work: () => Promise<T>): Promise<T> {
  const frame: Frame = { module, parent, active: true };
  activeFrames += 1;
  try {
    return await frames.run(frame, work);
  } finally {
    // Sockets and timers made inside live on and still carry the frame: it must not count any more.
    frame.active = false;
    activeFrames -= 1;
  }
}

/** Whether the present call was made, however indirectly, from inside a host function of this module. */
export function isReentry(module: object): boolean {
  for (let frame = currentFrame(); frame !== undefined; frame = frame.parent) {
    if (frame.active && frame.module === module) return true;
  }
  return false;
}
