import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
  MessageError,
  PolicyRejectedError,
} from '../../../src/index.ts';

const refusedAt = (field: string): unknown => expect.objectContaining({ code: 'ABI_BAD_MESSAGE', field });
const labels = { secrecy: ['private:a/b'], integrity: ['merged'] };

describe('label_agent', () => {
  test('is asked with the policy as it is', () => {
    expect(encodeLabelAgent({ 'allow-only': { repos: 'all' } })).toBe('{"allow-only":{"repos":"all"}}');
    expect(() => encodeLabelAgent(undefined)).toThrow(TypeError);
  });

  test.each(['strict', 'filter', 'propagate'] as const)('answers the agent and the mode %s', (mode) => {
    const answer = { agent: labels, difc_mode: mode, normalized_policy: { a: 1 } };
    expect(decodeLabelAgent(JSON.stringify(answer))).toEqual({
      agent: labels,
      difcMode: mode,
      normalizedPolicy: { a: 1 },
    });
  });

  test('an absent list of tags is empty', () => {
    expect(decodeLabelAgent('{"agent":{"secrecy":null},"difc_mode":"strict"}')).toEqual({
      agent: { secrecy: [], integrity: [] },
      difcMode: 'strict',
    });
  });

  test.each([
    ['{"success":false}', ''],
    ['{"success":"false","agent":{},"difc_mode":"strict"}', ''],
    ['{"ok":0,"agent":{},"difc_mode":"strict"}', ''],
    ['{"ok":false,"message":"no such repo"}', 'no such repo'],
    ['{"error":"bad policy","agent":{},"difc_mode":"strict"}', 'bad policy'],
    ['{"error":{"code":3}}', ''],
  ])('%s rejects the policy', (text, reason) => {
    expect(() => decodeLabelAgent(text)).toThrow(PolicyRejectedError);
    expect(() => decodeLabelAgent(text)).toThrow(expect.objectContaining({ reason }));
  });

  test.each(['""', 'null', 'false', '{}'])('an error of %s is none', (error) => {
    expect(decodeLabelAgent(`{"error":${error},"success":true,"agent":{},"difc_mode":"filter"}`).difcMode).toBe(
      'filter',
    );
  });

  test.each([
    ['', ''],
    ['[]', ''],
    ['{"agent":{}}', 'difc_mode'],
    ['{"agent":{},"difc_mode":"lenient"}', 'difc_mode'],
    ['{"difc_mode":"strict"}', 'agent'],
    ['{"agent":{"secrecy":"x"},"difc_mode":"strict"}', 'agent.secrecy'],
    ['{"agent":{"integrity":[1]},"difc_mode":"strict"}', 'agent.integrity[0]'],
    ['{"agent":{"Integrity":["i"]},"difc_mode":"strict"}', 'agent'],
    ['{"agent":{"integrity":["i"],"integrity":[]},"difc_mode":"strict"}', ''],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeLabelAgent(text)).toThrow(refusedAt(field));
  });
});

describe('label_resource', () => {
  test('is asked with the call', () => {
    expect(JSON.parse(encodeLabelResource({ tool: 't', args: { a: 1 } }))).toEqual({
      tool_name: 't',
      tool_args: { a: 1 },
    });
    expect(JSON.parse(encodeLabelResource({ tool: 't', args: undefined, capabilities: ['x'] }))).toEqual({
      tool_name: 't',
      tool_args: {},
      capabilities: ['x'],
    });
  });

  test.each([
    ['"read"', 'read'],
    ['"write"', 'write'],
    ['"read-write"', 'read-write'],
    ['"READ"', 'read-write'],
    ['"delete"', 'read-write'],
    ['7', 'read-write'],
    ['null', 'read-write'],
  ])('the operation %s counts as %s', (operation, expected) => {
    const text = `{"resource":{"description":"d","secrecy":["s"],"integrity":[]},"operation":${operation}}`;
    expect(decodeLabelResource(text)).toEqual({
      resource: { description: 'd', secrecy: ['s'], integrity: [] },
      operation: expected,
    });
  });

  test('without an operation it reads and writes, as far as anybody knows', () => {
    expect(decodeLabelResource('{"resource":{}}').operation).toBe('read-write');
    expect(decodeLabelResource('{"resource":{},"Operation":null}').operation).toBe('read-write');
  });

  test.each([
    ['', ''],
    ['{"operation":"read"}', 'resource'],
    ['{"ok":false}', ''],
    ['{"error":{"code":1}}', ''],
    ['{"resource":{"secrecy":{}}}', 'resource.secrecy'],
    ['{"resource":{"description":1}}', 'resource.description'],
    ['{"resource":{"Secrecy":["s"]}}', 'resource'],
    ['{"resource":{"secrecy":["s"],"integrity":[],"labels":{}}}', 'resource'],
    ['{"resource":{},"secrecy":["s"]}', ''],
    ['{"resource":{},"success":false}', ''],
    ['{"resource":{},"success":"false"}', ''],
    ['{"resource":{},"ok":"no"}', ''],
    ['{"resource":{"secrecy":["s"],"secrecy":[]}}', ''],
    ['{"resource":{"secrecy":["s"],"secrec\\u0079":[]}}', ''],
    ['{"resource":{"secrecy":"s"}}', 'resource.secrecy'],
    ['{"resource":{"secrecy":[["s"]]}}', 'resource.secrecy[0]'],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeLabelResource(text)).toThrow(refusedAt(field));
  });

  test.each([
    ['{"error":"no path \\n\\".\\""}', 'no path  "."'],
    ['{"resource":{},"success":false,"message":"no idea"}', 'no idea'],
    [`{"ok":false,"reason":"${'x'.repeat(600)}"}`, 'x'.repeat(500)],
  ])('%j is a refusal in words', (text, reason) => {
    expect(() => decodeLabelResource(text)).toThrow(
      expect.objectContaining({ code: 'ABI_CALL_REFUSED', reason, message: reason }),
    );
  });
});

describe('label_response', () => {
  test('is asked with the call and its result', () => {
    expect(JSON.parse(encodeLabelResponse({ tool: 't', args: { a: 1 }, result: { b: 2 } }))).toEqual({
      tool_name: 't',
      tool_args: { a: 1 },
      tool_result: { b: 2 },
    });
    expect(JSON.parse(encodeLabelResponse({ tool: 't', args: undefined, result: undefined }))).toEqual({
      tool_name: 't',
      tool_result: null,
    });
  });

  test.each(['', 'null', '{}', ' {} '])("%j leaves it at the resource's labels", (text) => {
    expect(decodeLabelResponse(text)).toEqual({ kind: 'none' });
  });

  test('labels by path', () => {
    const answer = {
      labeled_paths: [
        { path: '/items/0', labels },
        { path: '', labels: {} },
      ],
      default_labels: labels,
      items_path: '/items',
    };
    expect(decodeLabelResponse(JSON.stringify(answer))).toEqual({
      kind: 'paths',
      labeledPaths: [
        { path: '/items/0', labels },
        { path: '', labels: { secrecy: [], integrity: [] } },
      ],
      defaultLabels: labels,
      itemsPath: '/items',
    });
    expect(decodeLabelResponse('{"labeled_paths":[]}')).toEqual({ kind: 'paths', labeledPaths: [] });
  });

  test('says of labels what they are of, that it went well, and null where it has nothing to say', () => {
    const answer =
      '{"success":true,"error":"","items":null,"labeled_paths":[{"path":"","labels":{"description":"d"}}]}';
    expect(decodeLabelResponse(answer)).toEqual({
      kind: 'paths',
      labeledPaths: [{ path: '', labels: { secrecy: [], integrity: [] } }],
    });
  });

  test('labels by item', () => {
    const answer = { items: [{ data: { a: 1 }, labels }, { data: null }] };
    expect(decodeLabelResponse(JSON.stringify(answer))).toEqual({
      kind: 'items',
      items: [{ data: { a: 1 }, labels }, { data: null }],
    });
  });

  test.each([
    ['[]', ''],
    ['{"labelled_paths":[]}', ''],
    ['{"items":null}', ''],
    ['{"items":{}}', 'items'],
    ['{"items":[{}]}', 'items[0].data'],
    ['{"items":[{"data":1,"labels":[]}]}', 'items[0].labels'],
    ['{"labeled_paths":[{"path":"/a"}]}', 'labeled_paths[0].labels'],
    ['{"labeled_paths":[{"path":"a","labels":{}}]}', 'labeled_paths[0].path'],
    ['{"labeled_paths":[],"default_labels":7}', 'default_labels'],
    ['{"labeled_paths":[],"items_path":"items"}', 'items_path'],
    ['{"labeled_paths":[{"path":"","labels":{"Secrecy":["s"]}}]}', 'labeled_paths[0].labels'],
    ['{"labeled_paths":[{"path":"","labels":{},"secrecy":["s"]}]}', 'labeled_paths[0]'],
    ['{"labeled_paths":[],"default_label":{"secrecy":["s"]}}', ''],
    ['{"labeled_paths":[],"items":[{"data":1,"labels":{"secrecy":["s"]}}]}', ''],
    ['{"labeled_paths":[],"default_labels":{"tags":["s"]}}', 'default_labels'],
    ['{"items":[{"data":1,"label":{"secrecy":["s"]}}]}', 'items[0]'],
    ['{"items":[{"data":1,"labels":{"secret":["s"]}}]}', 'items[0].labels'],
    ['{"items":[],"default_labels":{"secrecy":["s"]}}', ''],
    ['{"items":[],"error":"gave up"}', ''],
    ['{"items":[{"data":{"a":"x","a":1}}]}', ''],
  ])('%j is refused at "%s"', (text, field) => {
    expect(() => decodeLabelResponse(text)).toThrow(refusedAt(field));
  });
});

test('any text is labels, a rejection or a bad message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const decode of [decodeLabelAgent, decodeLabelResource, decodeLabelResponse]) {
        try {
          decode(text);
        } catch (error) {
          expect(error instanceof MessageError || error instanceof PolicyRejectedError).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
