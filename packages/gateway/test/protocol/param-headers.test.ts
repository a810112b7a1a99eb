import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { headerMismatch, paramHeaders } from '../../src/protocol/param-headers.ts';

const tool = ObjectText.from({
  inputSchema: {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      deep: { type: 'object', properties: { flag: { type: 'boolean', 'x-mcp-header': 'Flag' } } },
      plain: { type: 'string' },
      odd: { type: 'string', 'x-mcp-header': 'not a token' },
    },
  },
});

const calling = (args: object) => ObjectText.from({ name: 't', arguments: args });
/** Headers as Node gives them: by their names in lower case. */
const received = (headers: Readonly<Record<string, string>> = {}) => Object.fromEntries(new Headers(headers));

test('mirrors the arguments that ask for it, and no others', () => {
  const args = { region: 'eu', count: 3, deep: { flag: true }, plain: 'x', odd: 'y' };
  expect(paramHeaders(tool, calling(args))).toEqual({
    'Mcp-Param-Region': 'eu',
    'Mcp-Param-Count': '3',
    'Mcp-Param-Flag': 'true',
  });
  expect(paramHeaders(tool, calling({ region: null }))).toEqual({});
  expect(paramHeaders(ObjectText.from({ inputSchema: {} }), calling(args))).toBeUndefined();
});

test('whatever an argument says survives the way through a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (region) => {
      const headers = received(paramHeaders(tool, calling({ region })));
      expect(headerMismatch(tool, calling({ region }), headers)).toBeUndefined();
    }),
  );
});

test.each([
  ['is missing', { region: 'eu' }, {}],
  ['does not say', { region: 'eu' }, { 'Mcp-Param-Region': 'us' }],
  ['is not valid Base64', { region: 'eu' }, { 'Mcp-Param-Region': '=?base64?ZXU?=' }],
  ['does not say', { count: 3 }, { 'Mcp-Param-Count': '' }],
])('a header that %s', (problem, args, headers) => {
  expect(headerMismatch(tool, calling(args), received(headers as Record<string, string>))).toContain(problem);
});

test('numbers are compared as numbers, and what is absent needs no header', () => {
  expect(headerMismatch(tool, calling({ count: 3 }), received({ 'Mcp-Param-Count': '3.0' }))).toBeUndefined();
  expect(headerMismatch(tool, calling({}), received({ 'Mcp-Param-Region': 'ignored' }))).toBeUndefined();
});
