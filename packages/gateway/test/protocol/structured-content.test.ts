import { describe, expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { toolForLegacy, toolResultForLegacy } from '../../src/protocol/structured-content.ts';

const read = (text: string) => ObjectText.read(Buffer.from(text));
const toolWith = (outputSchema?: unknown) =>
  ObjectText.from({ name: 't', inputSchema: { type: 'object' }, outputSchema });
const schemaOf = (tool: ObjectText) => toolForLegacy(tool).value('outputSchema');

describe('a tool whose output is an object, or nothing that is promised', () => {
  test.each([undefined, { type: 'object', properties: {} }])('is the very tool: %j', (schema) => {
    const tool = toolWith(schema);
    expect(toolForLegacy(tool)).toBe(tool);
  });

  test.each(['{"content":[]}', '{"content":[],"structuredContent":{ "n":1.0 }}'])(
    'gives the very result: %s',
    (text) => {
      const result = read(text);
      expect(toolResultForLegacy(result, toolWith({ type: 'object' }))).toBe(result);
      expect(toolResultForLegacy(result, undefined)).toBe(result);
    },
  );
});

describe('a tool whose output is of another kind', () => {
  test('promises an object whose one property it is', () => {
    expect(schemaOf(toolWith({ type: 'array', items: { type: 'number' } }))).toEqual({
      type: 'object',
      properties: { result: { type: 'array', items: { type: 'number' } } },
      required: ['result'],
    });
  });

  test('keeps the dialect of its schema in front', () => {
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    expect(schemaOf(toolWith({ $schema, type: 'string' }))).toMatchObject({ $schema, type: 'object' });
  });

  test('has references that lead to where the places are now', () => {
    const schema = {
      anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#' }, { $ref: 'https://x.test/y' }, { $dynamicRef: '#node' }],
      $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } },
      enum: [{ $ref: '#/no/reference' }],
      properties: { $ref: { $ref: '#/$defs/a' }, enum: { $ref: '#/$defs/a' } },
    };
    expect(schemaOf(toolWith(schema))).toMatchObject({
      properties: {
        result: {
          anyOf: [
            { $ref: '#/properties/result/$defs/a' },
            { $ref: '#/properties/result' },
            { $ref: 'https://x.test/y' },
            { $dynamicRef: '#node' },
          ],
          $defs: { a: { items: { $ref: '#/properties/result/$defs/a' } } },
          enum: [{ $ref: '#/no/reference' }],
          properties: { $ref: { $ref: '#/properties/result/$defs/a' }, enum: { $ref: '#/properties/result/$defs/a' } },
        },
      },
    });
  });

  test('keeps every byte of its schema but for references', () => {
    const schema =
      '{ "anyOf":[{"type":"number", "maximum":1e400,"multipleOf":1.0,"const":9223372036854775807 }, {"\\u0024ref":"#"}],"$id":"#a" }';
    const tool = read(`{"name":"t","inputSchema":{"type":"object"},"outputSchema":${schema}}`);
    const moved = schema.replace('"#"}', '"#/properties/result"}');
    expect(String(toolForLegacy(tool).bytes('outputSchema'))).toBe(
      `{"type":"object","properties":{"result":${moved}},"required":["result"]}`,
    );
  });

  test.each([
    ['{"$id":7,"items":{"$ref":"#/a"}}', '{"$id":7,"items":{"$ref":"#/a"}}'],
    ['{"properties":{"$id":{"$ref":"#/a"}}}', '{"properties":{"$id":{"$ref":"#/properties/result/a"}}}'],
    [
      '{"$ref":"#/a","items":{}, "$id":"https://x.test/late"}',
      '{"$ref":"#/a","items":{}, "$id":"https://x.test/late"}',
    ],
    ['{"$defs":{},"not":[],"$ref":{"$ref":"#"}}', '{"$defs":{},"not":[],"$ref":{"$ref":"#/properties/result"}}'],
    ['{"allOf":[{"$ref":"#/a/\\u00e9"}, true, []]}', '{"allOf":[{"$ref":"#/properties/result/a/é"}, true, []]}'],
  ])('moves the references of %s as schemas are read', (schema, moved) => {
    const tool = read(`{"name":"t","outputSchema":${schema}}`);
    expect(String(toolForLegacy(tool).object('outputSchema')?.object('properties')?.bytes('result'))).toBe(moved);
  });

  test('keeps references within a schema that has an address of its own', () => {
    const own = { $id: 'https://x.test/own', type: 'array', items: { $ref: '#/$defs/a' } };
    expect(schemaOf(toolWith(own))).toMatchObject({ properties: { result: own } });
    const nested = { type: 'array', items: own };
    expect(schemaOf(toolWith(nested))).toMatchObject({ properties: { result: nested } });
  });

  test.each([
    ['a list', '[1.0, 2]', '{"content":[{"type":"text","text":"[1.0, 2]"}],"structuredContent":{"result":[1.0, 2]}}'],
    ['a number', '1e400', '{"content":[{"type":"text","text":"1e400"}],"structuredContent":{"result":1e400}}'],
    ['null', 'null', '{"content":[{"type":"text","text":"null"}],"structuredContent":{"result":null}}'],
  ])('gives %s as that property, and as text where there is none', (_what, value, expected) => {
    const result = read(`{"content":[],"structuredContent":${value}}`);
    expect(String(toolResultForLegacy(result, undefined).toBytes())).toBe(expected);
  });

  test('keeps the text that there is, and the bytes of every block', () => {
    const content = '[{"type":"text","text":"a", "n":1.0}]';
    const wrapped = toolResultForLegacy(read(`{"content":${content},"structuredContent":[1]}`), undefined);
    expect(String(wrapped.toBytes())).toBe(`{"content":${content},"structuredContent":{"result":[1]}}`);
    const image = '{"type":"image", "_meta":{"n":9007199254740993}}';
    const added = toolResultForLegacy(read(`{"structuredContent":[1],"content":[ ${image} ]}`), undefined);
    expect(String(added.bytes('content'))).toContain(image);
    expect(added.list('content')?.map((block) => block.text('type'))).toEqual(['image', 'text']);
  });

  test('gives an object as that property where its schema allows objects among others', () => {
    const result = read('{"content":[],"structuredContent":{"n":1.0}}');
    const wrapped = toolResultForLegacy(result, toolWith({ anyOf: [{ type: 'object' }, { type: 'null' }] }));
    expect(String(wrapped.toBytes())).toBe('{"content":[],"structuredContent":{"result":{"n":1.0}}}');
  });
});
