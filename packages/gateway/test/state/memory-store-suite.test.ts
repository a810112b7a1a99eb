import { stateStoreSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import { wrapped } from './wrapped-store.ts';

stateStoreSuite(testApi, {
  // The store of one process, which nothing can take away: what others make of a failure is tested with stores that have one.
  supports: { another: false, failure: false },
  create: async ({ now }) => createMemoryStore({ now }),
});

testApi.describe('with the store that other tests take away', () => {
  stateStoreSuite(testApi, {
    supports: { another: false, gap: 'what cannot be published is not lost on its way' },
    create: async ({ now }) => {
      let failing = false;
      const store = wrapped(createMemoryStore({ now }), async () => {
        if (failing) throw new StateError({ kind: 'unreachable', reason: 'ECONNREFUSED' });
      });
      const set = (value: boolean) => async () => {
        failing = value;
      };
      return Object.assign(store, { fail: set(true), recover: set(false) });
    },
  });
});
