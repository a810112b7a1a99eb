import { expect, test } from 'vitest';
import { callRouter, codecForTools, missingTools } from '../../../src/dialects/extism/tools.ts';

const properties = { text: { type: 'string' } };
const codec = codecForTools({
  optional: { export: 'f', input: 'text', inputSchema: { type: 'object', properties } },
  required: { export: 'f', input: 'text', inputSchema: { type: 'object', properties, required: ['text'] } },
  plain: { export: 'f', input: 'text' },
});

/** The input that the function is given; undefined where the call is answered without it. */
function inputOf(tool: string, args: Record<string, unknown>): unknown {
  const route = callRouter()('execute', codec.execute.encode({ tool, args }) ?? '');
  return 'input' in route ? route.input : undefined;
}

test('the one text is the input; left out it is empty where the schema allows that, and refused elsewhere', () => {
  for (const tool of ['optional', 'required']) expect(inputOf(tool, { text: 'a' })).toBe('a');
  expect(inputOf('plain', { input: 'a' })).toBe('a');
  expect(inputOf('optional', {})).toBe('');
  for (const tool of ['required', 'plain']) expect(inputOf(tool, {})).toBeUndefined();
  for (const text of [null, 1, {}]) expect(inputOf('optional', { text })).toBeUndefined();
});

test('as bytes, each call leads to the export that it names, whichever was called before', () => {
  const route = callRouter();
  const routed = (text: string): unknown => {
    const found = route('execute', new TextEncoder().encode(text));
    if ('answer' in found) return found.answer;
    return [found.exportName, new TextDecoder().decode(found.input as Uint8Array)];
  };
  const calls = ['f\n1', 'f\n', 'fg\n2', 'f\n3', 'é\n4\n', 'é\n', 'f', '\nno such tool', 'f\n5'];
  expect(calls.map(routed)).toEqual([
    ['f', '1'],
    ['f', ''],
    ['fg', '2'],
    ['f', '3'],
    ['é', '4\n'],
    ['é', ''],
    '\0-',
    '\0-no such tool',
    ['f', '5'],
  ]);
});

test('a text that could be any of several arguments is refused, and "input" among them is the one', () => {
  const outline = { imports: [], exports: [{ name: 'f', kind: 'function', signature: '() -> i32' }] } as const;
  const problems = (...names: string[]): readonly string[] => {
    const inputSchema = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) };
    return missingTools({ f: { input: 'text', inputSchema } }, outline);
  };
  expect(problems('a', 'b')).toEqual([expect.stringContaining('"inputSchema" has several properties')]);
  for (const names of [[], ['a'], ['a', 'input']]) expect(problems(...names)).toEqual([]);
});
