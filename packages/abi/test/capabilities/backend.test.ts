import { expect, test } from 'vitest';
import { decodeBackendArguments } from '../../src/index.ts';

test('arguments are an object, empty where there are none', () => {
  const refused = expect.objectContaining({ code: 'ABI_BAD_MESSAGE', field: '' });
  expect(decodeBackendArguments('{"a":[1]}')).toEqual({ a: [1] });
  expect(decodeBackendArguments('')).toEqual({});
  expect(() => decodeBackendArguments('[1]')).toThrow(refused);
  expect(() => decodeBackendArguments('{')).toThrow(/"call_backend" is not JSON/);
});
