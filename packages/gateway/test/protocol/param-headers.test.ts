import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerMismatch, paramHeaders } from '../../src/upstream/param-headers.ts';

const tool = {
  inputSchema: {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      deep: { type: 'object', properties: { flag: { type: 'boolean', 'x-mcp-header': 'Flag' } } },
      plain: { type: 'string' },
      odd: { type: 'string', 'x-mcp-header': 'not a token' },
    },
  },
};

test('mirrors the arguments that ask for it, and no others', () => {
  const args = { region: 'eu', count: 3, deep: { flag: true }, plain: 'x', odd: 'y' };
  expect(paramHeaders(tool, args)).toEqual({
    'Mcp-Param-Region': 'eu',
    'Mcp-Param-Count': '3',
    'Mcp-Param-Flag': 'true',
  });
  expect(paramHeaders(tool, { region: null })).toEqual({});
  expect(paramHeaders({ inputSchema: {} }, args)).toBeUndefined();
});

test('whatever an argument says survives the way through a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (region) => {
      const headers = new Headers(paramHeaders(tool, { region }));
      expect(headerMismatch(tool, { region }, headers)).toBeUndefined();
    }),
  );
});

test.each([
  ['is missing', { region: 'eu' }, {}],
  ['does not say', { region: 'eu' }, { 'Mcp-Param-Region': 'us' }],
  ['is not valid Base64', { region: 'eu' }, { 'Mcp-Param-Region': '=?base64?ZXU?=' }],
  ['does not say', { count: 3 }, { 'Mcp-Param-Count': '' }],
])('a header that %s', (problem, args, headers) => {
  expect(headerMismatch(tool, args, new Headers(headers as Record<string, string>))).toContain(problem);
});

test('numbers are compared as numbers, and what is absent needs no header', () => {
  expect(headerMismatch(tool, { count: 3 }, new Headers({ 'Mcp-Param-Count': '3.0' }))).toBeUndefined();
  expect(headerMismatch(tool, {}, new Headers({ 'Mcp-Param-Region': 'ignored' }))).toBeUndefined();
});
