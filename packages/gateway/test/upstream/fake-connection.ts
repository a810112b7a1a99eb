import { vi } from 'vitest';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { Connection } from '../../src/upstream/connection.ts';
import type { ConnectionEvents } from '../../src/upstream/connection-options.ts';
import { FakeLink } from './fake-link.ts';

/** A connection on which nobody has been greeted yet, and its link. */
export async function startFakeConnection(ownStreams = false) {
  const link = new FakeLink(ownStreams);
  const told = {
    onNews: vi.fn<ConnectionEvents['onNews']>(),
    onStray: vi.fn<ConnectionEvents['onStray']>(),
    onError: vi.fn<ConnectionEvents['onError']>(),
    ask: vi.fn<ConnectionEvents['ask']>(async () => ObjectText.EMPTY),
  };
  const clientInfo = ObjectText.from({ name: 'lockgate', version: '0' });
  const connection = new Connection({ server: 's', link, clientInfo, capabilities: ObjectText.EMPTY, ...told });
  await connection.start();
  return { link, connection, told };
}

/** A connection that is open, and its link. */
export async function openFakeConnection(
  era: Era,
  { ownStreams = false, capabilities = {} }: { ownStreams?: boolean; capabilities?: Record<string, unknown> } = {},
) {
  const started = await startFakeConnection(ownStreams);
  const introduced = { version: '2025-11-25', serverInfo: undefined, instructions: undefined };
  await started.connection.opened({ ...introduced, era, capabilities: ObjectText.from(capabilities) });
  started.link.sent.length = 0;
  return started;
}
