import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { ProcessLink } from '../../../src/process-link.ts';
import { IpcStore } from '../../../src/state/ipc/ipc-store.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('the state of another process', () => {
  test('which does not answer in time may have done what it was asked, and one that has ended before has not', async () => {
    const link = new ProcessLink({ send: () => undefined, listen: () => undefined }, {});
    const store = new IpcStore(link, silentLogger);
    const asked = store.publish('channel', 'told').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await asked).toMatchObject({ problem: { kind: 'unreachable', mayBeDone: true } });
    link.close();
    await expect(store.publish('channel', 'told')).rejects.toMatchObject({
      problem: { kind: 'unreachable', mayBeDone: false },
    });
  });
});
