import { createMemoryStore } from '../../src/state/memory-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

export const newStore = (): StateStore => createMemoryStore({ now: () => 0 });

/** A store that can be switched off, and counts what it is asked. */
export function fickleStore(isShared = false) {
  const asked: string[] = [];
  const state: { fails: (operation: string, key: string) => boolean } = { fails: () => false };
  const store = wrapped(newStore(), async (operation, key) => {
    asked.push(operation);
    if (state.fails(operation, key)) throw new StateError({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });
  return { store: Object.assign(store, { isShared }), asked, state };
}
