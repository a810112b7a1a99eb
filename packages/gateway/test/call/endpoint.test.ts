import { expect, test } from 'vitest';
import { Permissions } from '../../src/access/permissions.ts';
import { Endpoint } from '../../src/call/endpoint.ts';
import { type Served, ServedList } from '../../src/call/served.ts';
import { EMPTY_OFFER } from '../../src/catalog/offer.ts';
import { Pins } from '../../src/consent/pins.ts';
import { silentLogger } from '../../src/logger.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';

/** What a server says beside its list of tools, as its own endpoint hands it on. */
async function beside(metadata: Record<string, unknown>, isGuarded: boolean): Promise<unknown> {
  const offer = { ...EMPTY_OFFER, listMetadata: { tools: ObjectText.from(metadata) } };
  const upstream = { name: 'one', kind: 'mcp', offer: () => offer, state: 'running' };
  const served = new ServedList();
  served.replace([{ name: 'one', upstream, prefix: '', tools: undefined } as unknown as Served]);
  const endpoint = new Endpoint({
    server: 'one',
    served,
    permissions: new Permissions({ roles: {}, profiles: {} }),
    pins: new Pins({
      store: createMemoryStore({ now: () => 0 }),
      logger: silentLogger,
      offers: () => [],
      onChange: () => {},
    }),
    naming: { prefix: 'never', separator: '__' },
    info: ObjectText.EMPTY,
    startWindow: Promise.resolve(),
    isGuarded: () => isGuarded,
    discovery: () => ({ discovery: 'list', budgetTokens: 0 }),
  });
  return (await endpoint.listMetadata('tools', silentPeer('', { name: 'me' }))).toValue();
}

const SAID = { ttlMs: 5, cacheScope: 'private', _meta: { note: 'x' }, extra: [1] };

test('what a server says beside a list passes as it is', async () => {
  expect(await beside(SAID, false)).toEqual(SAID);
});

test('of a guarded server only how long the list holds passes, in the words of the specification', async () => {
  expect(await beside(SAID, true)).toEqual({ ttlMs: 5, cacheScope: 'private' });
  expect(await beside({ ttlMs: 'a secret', cacheScope: 'a secret' }, true)).toEqual({});
});
