import { expect, test } from 'vitest';
import { serversThatMayHave } from '../../src/call/resource-candidates.ts';
import { EMPTY_OFFER, type Offer } from '../../src/catalog/offer.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { UpstreamState } from '../../src/upstream/upstream.ts';
import { endpointOf } from './fake-endpoint.ts';
import { fakeExchange } from './fake-exchange.ts';

const { peer } = fakeExchange('legacy');
const withResources = ObjectText.from({ resources: {} });
const lists = (...uris: string[]): Partial<Offer> => ({
  capabilities: withResources,
  resources: uris.map((uri) => ObjectText.from({ uri })),
});
const templates = (...all: string[]): Partial<Offer> => ({
  capabilities: withResources,
  resourceTemplates: all.map((uriTemplate) => ObjectText.from({ uriTemplate })),
});

async function candidates(
  uri: string,
  offers: Record<string, Partial<Offer>>,
  states: Record<string, UpstreamState> = {},
) {
  const endpoint = endpointOf(
    Object.entries(offers).map(([name, offer]) => ({ name, offer: { ...EMPTY_OFFER, ...offer }, state: states[name] })),
  );
  return (await serversThatMayHave(uri, peer, endpoint)).map(({ name }) => name);
}

test.each<[string, string, Record<string, Partial<Offer>>, readonly string[]]>([
  ['the only one that has resources', 'x://1', { a: {}, b: lists('y://1') }, ['b']],
  ['those whose lists have the scheme', 'X://1', { a: lists('x://2'), b: lists('y://1'), c: lists('x:3') }, ['a', 'c']],
  ['those whose templates have it', 'x://1', { a: templates('y://{a}'), b: templates('x://{a}') }, ['b']],
  ['those that list nothing', 'x://1', { a: { capabilities: withResources }, b: lists('y://1') }, ['a']],
  [
    'before those that may have anything, those that use its scheme',
    'x://1',
    { a: templates('{+any}'), b: { capabilities: withResources }, c: lists('x://2') },
    ['c'],
  ],
  [
    'where nobody uses its scheme, those that may have anything',
    'z://1',
    { a: templates('{+any}'), b: lists('x://2'), c: templates('{name}.txt') },
    ['a'],
  ],
  ['nobody without resources', 'x://1', { a: {}, b: {} }, []],
  ['nobody of another scheme', 'x://1', { a: lists('y://1'), b: lists('z://1') }, []],
  ['nobody for an address without a scheme', 'x', { a: lists('x://1'), b: lists('y://1') }, []],
])('is asked for a resource that nobody lists: %s', async (_what, uri, offers, expected) => {
  expect(await candidates(uri, offers)).toEqual(expected);
});

test('a server that is down is not asked', async () => {
  const offers = { a: lists('x://1'), b: lists('x://2') };
  expect(await candidates('x://3', offers, { a: 'restarting' })).toEqual(['b']);
});
