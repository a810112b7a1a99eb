import type { StateStore } from '../../src/state/state-store.ts';

/** A store in front of which a test stands: `before` is awaited before every operation but close, and what it throws is what the operation rejects with. */
export function wrapped(
  store: StateStore,
  before: (operation: Exclude<keyof StateStore, symbol>, name: string) => Promise<void>,
): StateStore {
  return {
    isShared: store.isShared,
    get lives() {
      return store.lives;
    },
    get: (key) => before('get', key).then(() => store.get(key)),
    put: (key, write) => before('put', key).then(() => store.put(key, write)),
    compareAndSet: (key, expected, write) =>
      before('compareAndSet', key).then(() => store.compareAndSet(key, expected, write)),
    expire: (key, ttlMs) => before('expire', key).then(() => store.expire(key, ttlMs)),
    delete: (key) => before('delete', key).then(() => store.delete(key)),
    publish: (channel, message) => before('publish', channel).then(() => store.publish(channel, message)),
    subscribe: (channel, listener) => before('subscribe', channel).then(() => store.subscribe(channel, listener)),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
