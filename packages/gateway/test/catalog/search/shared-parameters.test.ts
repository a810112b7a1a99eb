import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareParameters } from '../../../src/catalog/search/shared-parameters.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

const OWNER = { type: 'string', description: 'The account that owns the repository, a person or an organization' };

const schema = (properties: Record<string, unknown>): ObjectText => ObjectText.from({ type: 'object', properties });

test('a parameter that several tools have alike is said once', () => {
  const { shared, schemas } = shareParameters([schema({ owner: OWNER, a: {} }), schema({ owner: OWNER })]);
  expect(shared.toValue()).toEqual({ owner: OWNER });
  expect(schemas.map((one) => one.toValue())).toEqual([
    { type: 'object', properties: { owner: { $ref: '#/shared/owner' }, a: {} } },
    { type: 'object', properties: { owner: { $ref: '#/shared/owner' } } },
  ]);
});

test.each([
  ['is short', { type: 'string' }],
  ['refers to another place of its own schema', { ...OWNER, items: { $ref: '#/$defs/x' } }],
])('a parameter that %s stays where it is', (_why, parameter) => {
  const given = [schema({ owner: parameter }), schema({ owner: parameter })];
  const { shared, schemas } = shareParameters(given);
  expect([...shared.keys()]).toEqual([]);
  expect(schemas).toEqual(given);
});

test('numbers of schemas stay as their server wrote them', () => {
  const text = `{"properties":{"n":{"maximum":1e400,"description":"${'x'.repeat(80)}"}}}`;
  const one = ObjectText.read(Buffer.from(text));
  expect(shareParameters([one, one]).shared.toBytes().toString()).toContain('"maximum":1e400');
});

test('what is shared, put back in its place, gives the schemas that were', () => {
  const property = fc.oneof(fc.constant(OWNER), fc.constant({ ...OWNER, type: 'number' }), fc.constant({}));
  const properties = fc.dictionary(fc.constantFrom('owner', 'repo', 'a b', '__proto__', 'x/y'), property);
  fc.assert(
    fc.property(fc.array(properties, { maxLength: 6 }), (all) => {
      const given = all.map(schema);
      const { shared, schemas } = shareParameters(given);
      const restored = schemas.map((one) => {
        let own = one.object('properties') ?? ObjectText.EMPTY;
        for (const name of own.keys()) {
          const bytes = shared.bytes(name);
          if (own.object(name)?.text('$ref') === `#/shared/${name}` && bytes) own = own.with(name, bytes);
        }
        return one.with('properties', own).toBytes().toString();
      });
      expect(restored).toEqual(given.map((one) => one.toBytes().toString()));
      const size = (list: readonly ObjectText[]): number => list.reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(size(schemas) + (shared.byteLength > 2 ? shared.byteLength : 0)).toBeLessThanOrEqual(size(given));
    }),
  );
});
