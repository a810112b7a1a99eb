import { expect, test } from 'vitest';
import { refuseTools, toMcpTool, toResultText } from '../../src/upstream/plugin-tools.ts';

test('parameters of the plain ABI become a schema that claims no types', () => {
  const definition = { name: 't', description: 'd', parameters: { a: 'first', b: 'second' }, required: ['b'] };
  expect(toMcpTool(definition)).toEqual({
    name: 't',
    description: 'd',
    inputSchema: {
      type: 'object',
      properties: { a: { description: 'first' }, b: { description: 'second' } },
      required: ['b'],
    },
  });
});

test('schemas and annotations that the plugin gives are taken as they are', () => {
  const given = {
    inputSchema: { type: 'object', 'x-kept': 1 },
    outputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  };
  expect(toMcpTool({ name: 't', description: 'd', parameters: {}, required: [], ...given })).toMatchObject(given);
});

test.each([
  ['{"n":1}', true, false, { n: 1 }],
  ['{"n":1}', false, false, undefined],
  ['{"n":1}', true, true, undefined],
  [' {"n":1}', true, false, { n: 1 }],
])('%s with a promised schema %s and an error %s is structured as %j', (data, promised, isError, structuredContent) => {
  const result = toResultText({ data, isError }, promised).toValue() as Record<string, unknown>;
  expect(result.structuredContent).toEqual(structuredContent);
  expect(result.content).toEqual([{ type: 'text', text: data }]);
  expect(result.isError).toBe(isError || undefined);
});

test.each([
  ['[1]', 'a JSON array of 3 characters'],
  ['3', 'JSON (number) of 1 characters'],
  ['{broken', 'a text that is no JSON of 7 characters'],
  ['', 'a text that is no JSON of 0 characters'],
])('%j from a tool that promises an object is an error that says so, with the answer', (data, found) => {
  expect(toResultText({ data, isError: false }, true).toValue()).toEqual({
    content: [
      { type: 'text', text: expect.stringContaining(`answered with ${found}: clients refuse that`) },
      { type: 'text', text: data },
    ],
    isError: true,
  });
});

test('so is a result of MCP without the promised object; one that is an error is passed on', () => {
  const content = [{ type: 'text', text: 'x' }];
  const of = (mcp: object, promised: boolean): object =>
    toResultText({ data: 'x', isError: false, mcp: { ...mcp } }, promised).toValue() as object;
  expect(of({ content }, true)).toEqual({
    content: [{ type: 'text', text: expect.stringContaining('no "structuredContent"') }, ...content],
    isError: true,
  });
  for (const mcp of [
    { content, isError: true },
    { content, structuredContent: {} },
  ])
    expect(of(mcp, true)).toEqual(mcp);
  expect(of({ content }, false)).toEqual({ content });
});

test.each([
  [true, false, { content: [{ type: 'text', text: '[1]' }], structuredContent: { result: [1] } }],
  [true, true, { content: [{ type: 'text', text: '[1]' }], structuredContent: { result: [1] }, isError: true }],
  [false, false, { content: [{ type: 'text', text: '[1]' }] }],
])(
  'with a promised schema %s and an error %s, what came as a text is passed on without being parsed',
  (promised, isError, expected) => {
    const unread = {
      ...{ data: '[1]', isError, structuredText: '{"result":[1]}' },
      get structured(): never {
        throw new Error('it was parsed');
      },
    };
    expect(toResultText(unread, promised).toValue()).toEqual(expected);
  },
);

test('of an answer that promises an object no values are made: of nested lists they take many times its room', () => {
  const inner = '[],'.repeat(400_000);
  for (const [data, isError] of [
    [`{"a":[${inner}[]]}`, undefined],
    [`[${inner}[]]`, true],
  ] as const) {
    const before = process.memoryUsage().heapUsed;
    const result = toResultText({ data, isError: false }, true);
    const took = process.memoryUsage().heapUsed - before;
    expect(took, 'bytes of the heap').toBeLessThan(8 * data.length);
    expect(result.value('isError')).toBe(isError);
    expect(result.has('structuredContent')).toBe(isError === undefined);
  }
});

test('an object keeps the bytes that its plugin wrote', () => {
  const data = ' {"big": 12345678901234567890, "e": 1.50} ';
  expect(toResultText({ data, isError: false }, true).bytes('structuredContent')?.toString()).toBe(data.trim());
});

test('a schema that is none is refused in the words of whoever wrote it', () => {
  const tool = { name: 't', description: 'd', parameters: {}, required: [], inputSchema: { type: 'string' } };
  expect(() => refuseTools([tool])).toThrow('"input_schema');
  expect(() => refuseTools([tool], true)).toThrow('"inputSchema');
});
