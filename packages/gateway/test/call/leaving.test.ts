import { expect, test, vi } from 'vitest';
import { Drain } from '../../src/call/drain.ts';
import { Leaving } from '../../src/call/leaving.ts';
import type { Served } from '../../src/call/served.ts';
import { silentLogger } from '../../src/logger.ts';

const busyServer = () => {
  const drain = new Drain();
  drain.enter();
  const close = vi.fn(async () => drain.leave());
  return { name: 'files', drain, close, upstream: { close } } as unknown as Served & { readonly close: typeof close };
};

test('a server whose calls still run is closed at once where all are', async () => {
  const leaving = new Leaving(silentLogger);
  const served = busyServer();
  await leaving.close(served, 60_000);
  expect(served.close).not.toHaveBeenCalled();
  await leaving.closeAll();
  expect(served.close).toHaveBeenCalled();
});
