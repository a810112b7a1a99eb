import { describe, expect, test } from 'vitest';
import { decodeToolList, decodeToolResult } from '../../../src/dialects/hyper-mcp/messages.ts';

const list = (tools: unknown): unknown => decodeToolList(`${JSON.stringify({ tools })}`, 'describe');
const result = (value: unknown): unknown => decodeToolResult(`${JSON.stringify(value)}`, 'call');
const inputSchema = { type: 'object' };

describe('the tools of a plug-in for hyper-mcp', () => {
  test('are those that it lists, without what is null in them', () => {
    const given = {
      name: 'a',
      description: 'A',
      inputSchema,
      outputSchema: null,
      annotations: { readOnlyHint: true },
      title: null,
    };
    expect(list([given])).toEqual([
      { name: 'a', description: 'A', inputSchema, annotations: { readOnlyHint: true }, parameters: {}, required: [] },
    ]);
  });

  test.each(['', '{}', '{"tools":null}'])('are none where it puts out %j', (answer) => {
    expect(decodeToolList(answer, 'list_tools')).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['a failure', '\0-boom', 'is a failure: boom'],
    ['what is no JSON', 'tools', 'is not JSON (5 characters)'],
    ['no list', '{"tools":{}}', 'at tools must be an array, found an object'],
    ['a tool without a name', '{"tools":[{"inputSchema":{}}]}', 'at tools[0].name must be a string, found nothing'],
    ['an empty name', '{"tools":[{"name":"","inputSchema":{}}]}', 'at tools[0].name must be a name'],
    [
      'a name twice',
      '{"tools":[{"name":"a","inputSchema":{}},{"name":"a","inputSchema":{}}]}',
      'at tools[1].name must be a name that no other tool has',
    ],
    ['a tool without a schema', '{"tools":[{"name":"a"}]}', 'at tools[0].inputSchema must be an object, found nothing'],
  ])('are refused with the field: %s', (_, answer, problem) => {
    expect(() => decodeToolList(answer, 'describe')).toThrow(problem);
  });
});

describe('the result of a plug-in for hyper-mcp', () => {
  test.each<[string, unknown, unknown]>([
    [
      'texts, without the type that some write beside them',
      {
        content: [
          { type: 'text', text: 'a', mimeType: 'text/plain' },
          { type: 'text', text: 'b', annotations: null },
        ],
      },
      {
        data: 'a\nb',
        isError: false,
        mcp: {
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
    ],
    [
      'pictures, sounds, resources and links',
      {
        content: [
          { type: 'image', data: 'AA==', mimeType: 'image/png' },
          { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
          { type: 'resource', resource: { uri: 'a:b', text: '' } },
          { type: 'resource_link', uri: 'a:b', name: 'b' },
        ],
        isError: null,
      },
      {
        data: '',
        isError: false,
        mcp: {
          content: [
            { type: 'image', data: 'AA==', mimeType: 'image/png' },
            { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
            { type: 'resource', resource: { uri: 'a:b', text: '' } },
            { type: 'resource_link', uri: 'a:b', name: 'b' },
          ],
        },
      },
    ],
    [
      'an object alone',
      { structuredContent: { a: 1 } },
      { data: '', isError: false, mcp: { content: [], structuredContent: { a: 1 } } },
    ],
    [
      'an error',
      { content: [{ type: 'text', text: 'no' }], isError: true },
      { data: 'no', isError: true, mcp: { content: [{ type: 'text', text: 'no' }], isError: true } },
    ],
  ])('has %s', (_, given, expected) => {
    expect(result(given)).toEqual(expected);
  });

  test('is an error with its words where it fails', () => {
    expect(decodeToolResult('\0-boom', 'call')).toEqual({ data: 'boom', isError: true });
  });

  test.each<[string, unknown, string]>([
    ['nothing that a result has', { data: 1 }, 'has none of content, structuredContent, isError, _meta'],
    ['a list', [], 'must be an object, found an array'],
    ['content that is no list', { content: 'a' }, 'at content must be an array, found a string'],
    [
      'an item of a type that there is not',
      { content: [{ type: 'video' }] },
      'at content[0].type must be text or image or audio',
    ],
    [
      'an item of the type "toString"',
      { content: [{ type: 'toString' }] },
      'at content[0].type must be text or image or audio',
    ],
    ['a text without one', { content: [{ type: 'text' }] }, 'at content[0].text must be a string, found nothing'],
    [
      'a picture without its type',
      { content: [{ type: 'image', data: '' }] },
      'at content[0].mimeType must be a string',
    ],
    ['a resource without one', { content: [{ type: 'resource' }] }, 'at content[0].resource must be an object'],
    ['"isError" of another kind', { isError: 1 }, 'at isError must be true or false, found a number'],
    [
      'structured content of another kind',
      { structuredContent: [] },
      'at structuredContent must be an object, found an array',
    ],
  ])('is refused with the field: %s', (_, given, problem) => {
    expect(() => result(given)).toThrow(problem);
  });
});
