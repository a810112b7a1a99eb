import { vi } from 'vitest';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { Connection, type ConnectionEvents } from '../../src/upstream/connection.ts';
import { FakeLink } from './fake-link.ts';

/** A connection that is open, and its link. */
export async function openFakeConnection(
  era: Era,
  { ownStreams = false, capabilities = {} }: { ownStreams?: boolean; capabilities?: Record<string, unknown> } = {},
) {
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
  const facts = { era, capabilities: ObjectText.from(capabilities), serverInfo: undefined, instructions: undefined };
  await connection.opened(facts, '2025-11-25');
  link.sent.length = 0;
  return { link, connection, told };
}
