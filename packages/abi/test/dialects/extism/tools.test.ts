import { expect, test } from 'vitest';
import { codecForTools, routeCall } from '../../../src/dialects/extism/tools.ts';

const properties = { text: { type: 'string' } };
const codec = codecForTools({
  optional: { export: 'f', input: 'text', inputSchema: { type: 'object', properties } },
  required: { export: 'f', input: 'text', inputSchema: { type: 'object', properties, required: ['text'] } },
  plain: { export: 'f', input: 'text' },
});

/** The input that the function is given; undefined where the call is answered without it. */
function inputOf(tool: string, args: Record<string, unknown>): unknown {
  const route = routeCall('execute', codec.execute.encode({ tool, args }) ?? '');
  return 'input' in route ? route.input : undefined;
}

test('the one text is the input; left out it is empty where the schema allows that, and refused elsewhere', () => {
  for (const tool of ['optional', 'required']) expect(inputOf(tool, { text: 'a' })).toBe('a');
  expect(inputOf('plain', { input: 'a' })).toBe('a');
  expect(inputOf('optional', {})).toBe('');
  for (const tool of ['required', 'plain']) expect(inputOf(tool, {})).toBeUndefined();
  for (const text of [null, 1, {}]) expect(inputOf('optional', { text })).toBeUndefined();
});
