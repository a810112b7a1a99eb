import { stateStoreSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { silentLogger } from '../../../src/logger.ts';
import { type LinkPort, ProcessLink } from '../../../src/process-link.ts';
import { IpcStore } from '../../../src/state/ipc/ipc-store.ts';
import { IpcStoreHost } from '../../../src/state/ipc/ipc-store-host.ts';
import { createMemoryStore } from '../../../src/state/memory-store.ts';

/** Two ends of a channel between processes, over which messages go as JSON, later. */
function channel(): [LinkPort, LinkPort] {
  const takers: ((message: unknown) => void)[] = [];
  const end = (own: 0 | 1): LinkPort => ({
    send: (message) => {
      const json = JSON.stringify(message);
      setImmediate(() => takers[1 - own]?.(JSON.parse(json)));
    },
    listen: (onMessage) => {
      takers[own] = onMessage;
    },
  });
  return [end(0), end(1)];
}

stateStoreSuite(testApi, {
  // Where the process that has the records ends, all others do.
  supports: { failure: false },
  create: async ({ now }) => {
    const records = createMemoryStore({ now });
    const open = (): IpcStore => {
      const [here, there] = channel();
      const host = new IpcStoreHost(records, (...heard) => hostLink.tell('heard', heard));
      const hostLink = new ProcessLink(there, host.handlers);
      const link = new ProcessLink(here, { heard: (message: readonly [string, string]) => store.heard(message) });
      const store = new IpcStore(link, silentLogger);
      return store;
    };
    return Object.assign(open(), { another: async () => open() });
  },
});
