import { AsyncLocalStorage } from 'node:async_hooks';

/** One call that is inside a host function now, and the call that led to it. */
export interface HostCall {
  readonly module: object;
  readonly parent: HostCall | undefined;
  active: boolean;
}

const hostCalls = new AsyncLocalStorage<HostCall>();
let activeCalls = 0;

/** The host call that the present code was called from, however indirectly. Costs nothing while there is none anywhere. */
export function currentHostCall(): HostCall | undefined {
  return activeCalls === 0 ? undefined : hostCalls.getStore();
}

/**
 * Runs a host function on behalf of a module, so that calls made from inside it can be told from others. `parent` is the host
 * call that the guest's call was made from: a worker's messages arrive outside of it.
 */
export async function insideHostCall<T>(
  module: object,
  parent: HostCall | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const call: HostCall = { module, parent, active: true };
  activeCalls += 1;
  try {
    return await hostCalls.run(call, work);
  } finally {
    // Sockets and timers made inside live on and still carry the host call: it must not count any more.
    call.active = false;
    activeCalls -= 1;
  }
}

/** Whether the present call was made, however indirectly, from inside a host function of this module. */
export function isReentry(module: object): boolean {
  for (let call = currentHostCall(); call !== undefined; call = call.parent) {
    if (call.active && call.module === module) return true;
  }
  return false;
}
