import { expect, test } from 'vitest';
import { parseKeptUri } from '../../src/answers/kept-uri.ts';

const base = 'lockgate://answers/abc-_1';

test.each([
  [base, { id: 'abc-_1' }],
  [`${base}?offset=7&length=20`, { id: 'abc-_1', offset: 7, length: 20 }],
  [`${base}?length=20`, { id: 'abc-_1', length: 20 }],
  [`${base}?query=items%5B0%3A2%5D.t`, { id: 'abc-_1', query: 'items[0:2].t' }],
  [`${base}?query=[?a=='100%' && b]`, { id: 'abc-_1', query: "[?a=='100%' && b]" }],
])('%s is an address', (uri, address) => {
  expect(parseKeptUri(uri)).toEqual(address);
});

test.each([
  `${base}?offset=-1`,
  `${base}?offset=1e3`,
  `${base}?other=1`,
  `${base}/x`,
  'lockgate://answers/',
  'file:///a',
])('%s is none', (uri) => {
  expect(parseKeptUri(uri)).toBeUndefined();
});
