import { expect, test } from 'vitest';
import { claimValues } from '../../src/access/claim-values.ts';

test.each([
  ['groups', { groups: ['a', 'b', 3] }, ['a', 'b']],
  ['scope', { scope: 'a  b' }, ['a', 'b']],
  ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
  ['https://x.test/roles', { 'https://x.test/roles': ['a'] }, ['a']],
  ['a.b', { 'a.b': ['whole'], a: { b: ['inner'] } }, ['whole']],
  ['constructor.name', {}, []],
  ['groups', { groups: { a: true } }, []],
  ['groups.length', { groups: ['a'] }, []],
])('%s of %j holds %j', (claim, payload, values) => {
  expect(claimValues(payload, claim)).toEqual(values);
});
