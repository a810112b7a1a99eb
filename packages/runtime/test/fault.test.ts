import { expect, test } from 'vitest';
import { faultOf } from '../src/fault.ts';

test('an exception that a guest did not catch is told in words, and is a trap', () => {
  const thrown = new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), []);
  const { message, isTrap } = faultOf(thrown);
  expect({ message, isTrap }).toEqual({ message: 'the guest threw an exception and did not catch it', isTrap: true });
});
