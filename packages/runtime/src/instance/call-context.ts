import { AsyncLocalStorage } from 'node:async_hooks';

/** One call that is inside a host function now, and the call that led to it. */
interface Frame {
  readonly module: object;
  readonly parent: Frame | undefined;
  active: boolean;
}

const frames = new AsyncLocalStorage<Frame>();
let activeFrames = 0;

/**
 * Runs a host function on behalf of a module, so that calls made from inside it can be told from others. Costs
 * nothing outside host functions: the storage is read only while one of them runs.
 */
export async function insideHostCall<T>(module: object, work: () => Promise<T>): Promise<T> {
  const frame: Frame = { module, parent: frames.getStore(), active: true };
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
  if (activeFrames === 0) return false;
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.parent) {
    if (frame.active && frame.module === module) return true;
  }
  return false;
}
