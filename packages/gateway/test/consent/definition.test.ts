import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/consent/canonical-json.ts';
import { definitionOf, readDefinition } from '../../src/consent/definition.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

const PLACE = { server: 'a', kind: 'tool', name: 'add' } as const;

function of(json: string, place: Parameters<typeof definitionOf>[0] = PLACE) {
  return definitionOf(place, ObjectText.read(Buffer.from(json)));
}

describe('the digest of a tool', () => {
  const plain = of('{"name":"add","description":"Adds"}')?.digest;

  test.each([
    ['the order of members, white space and escapes', '{ "description": "\\u0041dds", "name": "add" }'],
    [
      'hints and support for tasks that say what is taken for granted',
      '{"name":"add","description":"Adds","annotations":{"readOnlyHint":false,"destructiveHint":true},"execution":{"taskSupport":"forbidden"}}',
    ],
  ])('is the same whatever %s', (_name, json) => {
    expect(of(json)?.digest).toBe(plain);
  });

  test.each([
    ['its description', '{"name":"add","description":"Adds."}'],
    ['its title', '{"name":"add","description":"Adds","title":"Add"}'],
    ['a hint', '{"name":"add","description":"Adds","annotations":{"readOnlyHint":true}}'],
    ['a hint that is no truth value', '{"name":"add","description":"Adds","annotations":{"destructiveHint":"false"}}'],
    ['hints that are no object', '{"name":"add","description":"Adds","annotations":null}'],
    ['support for tasks', '{"name":"add","description":"Adds","execution":{"taskSupport":"required"}}'],
    ['its schema', '{"name":"add","description":"Adds","inputSchema":{"type":"object"}}'],
    ['what only some clients know', '{"name":"add","description":"Adds","_meta":{"ui":{"resourceUri":"ui://x"}}}'],
    ['a member of the name __proto__', '{"name":"add","description":"Adds","__proto__":{"readOnlyHint":true}}'],
  ])('changes with %s', (_name, json) => {
    expect(of(json)?.digest).toBeDefined();
    expect(of(json)?.digest).not.toBe(plain);
  });

  test('tells numbers apart that a double does not', () => {
    const [one, other] = ['9007199254740992', '9007199254740993'].map((most) => of(`{"name":"add","maximum":${most}}`));
    expect(one?.digest).not.toBe(other?.digest);
  });

  test('is another at another server, and under another name', () => {
    const json = '{"name":"add","description":"Adds"}';
    expect(of(json, { ...PLACE, server: 'b' })?.digest).not.toBe(plain);
    expect(of(json, { ...PLACE, name: 'other' })?.digest).not.toBe(plain);
    expect(of(json, { ...PLACE, kind: 'prompt' })?.digest).not.toBe(plain);
  });

  test.each(['{"name":"add","description":"Good","description":"Bad"}', '{"name":"add","a":{"b":1,"\\u0062":2}}'])(
    'is none where a key comes twice: %s',
    (json) => {
      expect(of(json)).toBeUndefined();
    },
  );
});

test('canonical JSON sorts keys by their UTF-16 units, also those that look like numbers', () => {
  expect(canonicalJson({ b: [1, { d: null, c: '€' }], 10: 1, 9: {}, a: [] })).toBe(
    '{"10":1,"9":{},"a":[],"b":[1,{"c":"€","d":null}]}',
  );
});

describe('a definition that was kept', () => {
  const kept = of('{"name":"add","maximum":9007199254740993}');

  test('is read as it was written', () => {
    expect(readDefinition(PLACE, kept?.text ?? '', kept?.digest ?? '')).toEqual(kept);
  });

  test('counts for nothing where its text was changed, or stands at another place', () => {
    expect(readDefinition(PLACE, (kept?.text ?? '').replace('add', 'del'), kept?.digest ?? '')).toBeUndefined();
    expect(readDefinition({ ...PLACE, server: 'b' }, kept?.text ?? '', kept?.digest ?? '')).toBeUndefined();
  });

  test('comes over from an earlier version of digests, and is not guessed at from a later one', () => {
    const sha = (_place: unknown, value: unknown): string =>
      createHash('sha256').update(canonicalJson(value)).digest('hex');
    const value = { name: 'add' };
    const early = readDefinition(PLACE, canonicalJson(value), `0:${sha(PLACE, value)}`, { 0: sha });
    expect(early).toMatchObject({ digest: expect.stringMatching(/^1:/) });
    expect(readDefinition(PLACE, canonicalJson({ name: 'del' }), `0:${sha(PLACE, value)}`, { 0: sha })).toBeUndefined();
    expect(readDefinition(PLACE, '{}', '2:00')).toBe('newer');
  });
});
