import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCompactSpecs,
  decodeConfigure,
  decodeExecute,
  decodeHealthy,
  decodeMetadata,
  decodeTools,
  encodeExecute,
  encodeSettings,
  MessageError,
} from '../../../src/index.ts';

describe('execute', () => {
  test('asks with tool_name and args', () => {
    expect(JSON.parse(encodeExecute('add', { a: 1 }))).toEqual({ tool_name: 'add', args: { a: 1 } });
    expect(JSON.parse(encodeSettings({ key: 'v' }))).toEqual({ key: 'v' });
  });

  test.each([
    ['{"data":"x"}', 'x', false],
    ['{"data":"x","is_error":true}', 'x', true],
    ['{"is_error":true}', '', true],
    ['{"is_error":false}', '', false],
    [' \n{"data":"x"}\n', 'x', false],
    ['{"data":"x","more":[1]}', 'x', false],
    ['{"data":null,"is_error":null}', '', false],
    ['{}', '', false],
  ])('%s is an answer of the ABI', (text, data, isError) => {
    expect(decodeExecute(text)).toEqual({ data, isError });
  });

  test.each([
    '',
    'plain words',
    '[1]',
    '"data"',
    'null',
    '7',
    '{"data":7}',
    '{"data":"x","is_error":"yes"}',
    '{"data":"x"',
    '{"issues":[]}',
    '\ufeff{"data":"x"}',
  ])('%j is taken whole as data', (text) => {
    expect(decodeExecute(text)).toEqual({ data: text, isError: false });
  });

  test('any text gives a result', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof decodeExecute(text).data).toBe('string');
      }),
    );
  });
});

describe('configure and healthy', () => {
  test('silence accepts, words reject', () => {
    expect(decodeConfigure('')).toBeUndefined();
    expect(decodeConfigure('bad key')).toBe('bad key');
  });

  test('1 and nothing else is healthy', () => {
    expect([1, 0, -1, 2].map(decodeHealthy)).toEqual([true, false, false, false]);
  });
});

describe('metadata', () => {
  test('is read with all its fields', () => {
    const json = {
      name: 'mail',
      version: '1.2.0',
      abi_version: 1,
      description: 'd',
      author: 'a',
      homepage: 'h',
      license: 'MIT',
      capabilities: ['http'],
      credential_keys: ['token'],
      plain_text_keys: ['user'],
      optional_keys: ['user'],
      placeholders: { token: 'sk-...' },
    };
    expect(decodeMetadata(JSON.stringify(json))).toEqual({
      name: 'mail',
      version: '1.2.0',
      abiVersion: 1,
      description: 'd',
      author: 'a',
      homepage: 'h',
      license: 'MIT',
      capabilities: ['http'],
      credentialKeys: ['token'],
      plainTextKeys: ['user'],
      optionalKeys: ['user'],
      placeholders: { token: 'sk-...' },
    });
  });

  test('needs only name, version and abi_version', () => {
    expect(decodeMetadata('{"name":"n","version":"1","abi_version":1,"capabilities":null,"author":null}')).toEqual({
      name: 'n',
      version: '1',
      abiVersion: 1,
      capabilities: [],
      credentialKeys: [],
      plainTextKeys: [],
      optionalKeys: [],
      placeholders: {},
    });
  });

  test.each([
    ['', ''],
    ['[]', ''],
    ['{"version":"1","abi_version":1}', 'name'],
    ['{"name":"n","abi_version":1}', 'version'],
    ['{"name":"n","version":"1"}', 'abi_version'],
    ['{"name":"n","version":"1","abi_version":"1"}', 'abi_version'],
    ['{"name":"n","version":"1","abi_version":1,"capabilities":[1]}', 'capabilities[0]'],
    ['{"name":"n","version":"1","abi_version":1,"license":2}', 'license'],
    ['{"name":"n","version":"1","abi_version":1,"placeholders":{"k":1}}', 'placeholders.k'],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeMetadata(text)).toThrow(
      expect.objectContaining({ code: 'ABI_BAD_MESSAGE', exportName: 'metadata', field }),
    );
  });
});

describe('tools', () => {
  test('are read in their order, with the schemas where there are any', () => {
    const schema = { type: 'object' };
    const tools = [
      { name: 'b', description: 'does b', parameters: { y: 'why', x: 'ex' }, required: ['y'] },
      { name: 'a', input_schema: schema, output_schema: schema, annotations: { readOnlyHint: true } },
      { name: 'c', description: null, parameters: null, required: null, input_schema: null },
    ];
    const decoded = decodeTools(JSON.stringify(tools));
    expect(decoded).toEqual([
      { name: 'b', description: 'does b', parameters: { y: 'why', x: 'ex' }, required: ['y'] },
      {
        name: 'a',
        description: '',
        parameters: {},
        required: [],
        inputSchema: schema,
        outputSchema: schema,
        annotations: { readOnlyHint: true },
      },
      { name: 'c', description: '', parameters: {}, required: [] },
    ]);
    expect(Object.keys(decoded[0]?.parameters ?? {})).toEqual(['y', 'x']);
  });

  test.each(['', '[]', 'null'])('%j means none', (text) => {
    expect(decodeTools(text)).toEqual([]);
  });

  test.each([
    ['{}', ''],
    ['[7]', '[0]'],
    ['[{"name":"a"},{}]', '[1].name'],
    ['[{"name":""}]', '[0].name'],
    ['[{"name":"a"},{"name":"a"}]', '[1].name'],
    ['[{"name":"a","parameters":{"p":{}}}]', '[0].parameters.p'],
    ['[{"name":"a","required":"p"}]', '[0].required'],
    ['[{"name":"a","input_schema":[]}]', '[0].input_schema'],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeTools(text)).toThrow(
      expect.objectContaining({ code: 'ABI_BAD_MESSAGE', exportName: 'tools', field }),
    );
  });
});

describe('compact specs', () => {
  test('are paths by tool', () => {
    expect(decodeCompactSpecs('{"a":["x","y.z"],"b":null}')).toEqual({ a: ['x', 'y.z'], b: [] });
    expect(decodeCompactSpecs('')).toEqual({});
    expect(() => decodeCompactSpecs('{"a":"x"}')).toThrow(expect.objectContaining({ field: 'a' }));
  });

  test('a tool named __proto__ is a tool like any other', () => {
    const specs = decodeCompactSpecs('{"__proto__":["x"]}');
    expect(Object.entries(specs)).toEqual([['__proto__', ['x']]]);
  });
});

test('any text is decoded or refused as a bad message, never anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const decode of [decodeMetadata, decodeTools, decodeCompactSpecs]) {
        try {
          decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
