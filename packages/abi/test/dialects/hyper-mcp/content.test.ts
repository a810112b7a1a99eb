import { describe, expect, test } from 'vitest';
import { decodeToolResult } from '../../../src/dialects/hyper-mcp/messages.ts';
import { METHODS } from '../../../src/dialects/hyper-mcp/methods.ts';

const ofTool = (item: unknown): unknown => decodeToolResult(JSON.stringify({ content: [item] }), 'call');
const answerOf = (method: string, answer: unknown): unknown => METHODS[method]?.decode(JSON.stringify(answer) as never);
const ofPrompt = (message: unknown): unknown => answerOf('prompts/get', { messages: [message] });
const ofResource = (contents: unknown): unknown => answerOf('resources/read', { contents: [contents] });

const IMAGE = { type: 'image', data: 'AAEC', mimeType: 'image/png' };
const TEXT = { type: 'text', text: 'a' };
const LINK = { type: 'resource_link', uri: 'a:b', name: 'b' };
const embedded = (resource: unknown) => ({ type: 'resource', resource });
const annotated = (annotations: unknown) => ({ ...TEXT, annotations });

describe('what a plug-in for hyper-mcp answers', () => {
  test.each<[unknown, string]>([
    [{ ...IMAGE, data: 'not base64!' }, 'content[0].data must be base64, with its padding, found a string'],
    [{ ...IMAGE, data: 'AAE' }, 'content[0].data must be base64'],
    [{ ...IMAGE, data: 5 }, 'content[0].data must be a string, found a number'],
    [{ ...IMAGE, mimeType: 5 }, 'content[0].mimeType must be a string, found a number'],
    [{ ...IMAGE, type: 'audio', data: '=AAA' }, 'content[0].data must be base64'],
    [embedded({ uri: 5, text: '' }), 'content[0].resource.uri must be a string, found a number'],
    [embedded({ uri: 'a:b', text: '', mimeType: [] }), 'content[0].resource.mimeType must be a string, found an array'],
    [embedded({ uri: 'a:b' }), 'content[0].resource.text must be a string, found nothing'],
    [embedded({ uri: 'a:b', blob: '!' }), 'content[0].resource.blob must be base64'],
    [embedded({ uri: 'a:b', text: 5 }), 'content[0].resource.text must be a string, found a number'],
    [{ ...LINK, uri: {} }, 'content[0].uri must be a string, found an object'],
    [{ ...LINK, size: 'large' }, 'content[0].size must be a number, found a string'],
    [{ ...LINK, mimeType: 1 }, 'content[0].mimeType must be a string'],
    [{ ...LINK, title: 1 }, 'content[0].title must be a string'],
    [annotated('x'), 'content[0].annotations must be an object, found a string'],
    [annotated({ audience: 'user' }), 'content[0].annotations.audience must be an array, found a string'],
    [annotated({ audience: ['robot'] }), 'content[0].annotations.audience[0] must be "user" or "assistant"'],
    [annotated({ priority: 'high' }), 'content[0].annotations.priority must be a number from 0 to 1, found a string'],
    [annotated({ priority: 2 }), 'content[0].annotations.priority must be a number from 0 to 1'],
    [annotated({ lastModified: 5 }), 'content[0].annotations.lastModified must be a string, found a number'],
    [{ ...TEXT, _meta: [] }, 'content[0]._meta must be an object, found an array'],
  ])('as an item of a result, %j, is refused with the field', (item, problem) => {
    expect(() => ofTool(item)).toThrow(problem);
  });

  test.each<[unknown]>([
    [{ ...IMAGE, data: '' }],
    [{ ...IMAGE, data: 'AA==', 'x-own': 1 }],
    [embedded({ uri: 'a:b', blob: 'AA==', mimeType: 'image/png' })],
    [{ ...LINK, size: 5, title: 'B', description: 'b', mimeType: 'text/plain' }],
    [annotated({ audience: ['user', 'assistant'], priority: 0.5, lastModified: '2026-01-01T00:00:00Z', other: 1 })],
    [{ ...TEXT, _meta: { a: 1 } }],
  ])('as an item, %j, passes as it is', (item) => {
    expect(ofTool(item)).toMatchObject({ mcp: { content: [item] } });
  });

  test.each<[unknown, string]>([
    [{ role: 'system', content: TEXT }, 'messages[0].role must be "user" or "assistant"'],
    [{ content: TEXT }, 'messages[0].role must be "user" or "assistant", found nothing'],
    [{ role: 'user', content: { ...IMAGE, data: '!' } }, 'messages[0].content.data must be base64'],
    [{ role: 'user', content: [TEXT] }, 'messages[0].content must be an object, found an array'],
  ])('as a message of a prompt, %j, is refused with the field', (message, problem) => {
    expect(() => ofPrompt(message)).toThrow(problem);
  });

  test.each<[unknown, string]>([
    [{ uri: 1, text: '' }, 'contents[0].uri must be a string, found a number'],
    [{ uri: 'a:b', text: '', mimeType: 1 }, 'contents[0].mimeType must be a string'],
    [{ uri: 'a:b', blob: '{}' }, 'contents[0].blob must be base64'],
    [{ uri: 'a:b' }, 'contents[0].text must be a string, found nothing'],
  ])('as contents of a resource, %j, is refused with the field', (contents, problem) => {
    expect(() => ofResource(contents)).toThrow(problem);
  });

  test.each<[unknown, string]>([
    [{ values: ['a'], total: 'many' }, 'completion.total must be a number, found a string'],
    [{ values: ['a'], hasMore: 1 }, 'completion.hasMore must be true or false, found a number'],
    [{ values: [1] }, 'completion.values[0] must be a string'],
  ])('as a completion, %j, is refused with the field', (completion, problem) => {
    expect(() => answerOf('completion/complete', { completion })).toThrow(problem);
  });

  test('as prompt or resource passes without what is null in it', () => {
    expect(ofPrompt({ role: 'user', content: { ...TEXT, annotations: null } })).toEqual({
      messages: [{ role: 'user', content: TEXT }],
    });
    expect(ofTool(annotated({ audience: null, priority: 1 }))).toMatchObject({
      mcp: { content: [{ ...TEXT, annotations: { priority: 1 } }] },
    });
    expect(ofResource({ uri: 'a:b', mimeType: null, text: null, blob: 'AA==' })).toEqual({
      contents: [{ uri: 'a:b', blob: 'AA==' }],
    });
  });
});
