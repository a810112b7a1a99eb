import { describe, expect, test } from 'vitest';
import * as abi from '../src/index.ts';

const { CallRefusedError, GuardBufferError, GuardCodeError, GuestOutOfMemoryError, LockgateError, MemoryMinimumError } =
  abi;
const { MessageError, MessageTooLargeError, ModuleFormatError, ModuleShapeError, PolicyRejectedError } = abi;
const { SpanError, UnknownImportError } = abi;

const all = [
  new SpanError({ pointer: 7, byteLength: 8, memoryByteLength: 9 }),
  new GuestOutOfMemoryError({ byteLength: 7, allocator: 'malloc' }),
  new MessageTooLargeError({ direction: 'to guest', byteLength: 7, limitBytes: 8 }),
  new MessageError({ exportName: 'tools', field: '[1].name', problem: 'must be a string, found null' }),
  new ModuleFormatError({ byteOffset: 7, problem: 'it ends too early' }),
  new ModuleShapeError({ abi: 'guard', missing: ['one', 'two'] }),
  new UnknownImportError([{ module: 'env', name: 'abort', problem: 'not supplied' }]),
  new MemoryMinimumError({ initialBytes: 7, ceilingBytes: 8 }),
  new GuardBufferError({ exportName: 'label_agent', problem: 'asks for 7 bytes, above 8' }),
  new GuardCodeError({ exportName: 'label_agent', guardCode: -7 }),
  new PolicyRejectedError('no such repository'),
  new CallRefusedError('no such path'),
];

describe('errors', () => {
  test.each(all.map((error) => [error.name, error] as const))(
    '%s is recognised by its brand and by its class',
    (name, error) => {
      expect(LockgateError.isInstance(error)).toBe(true);
      expect(error).toBeInstanceOf(Error);
      expect(error.constructor.name).toBe(name);
      expect(error.code).toMatch(/^ABI_[A-Z_]+$/);
    },
  );

  test('each has a code of its own', () => {
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
  });

  test('the brand of another copy of the package is recognised, other errors are not', () => {
    expect(LockgateError.isInstance({ [Symbol.for('lockgate.error')]: true })).toBe(true);
    expect(LockgateError.isInstance(new Error('lockgate.error'))).toBe(false);
    expect(LockgateError.isInstance(null)).toBe(false);
    expect(LockgateError.isInstance('lockgate.error')).toBe(false);
  });

  test('a sentence has the numbers and the names', () => {
    expect(new MemoryMinimumError({ initialBytes: 131_072, ceilingBytes: 65_536 }).message).toMatch(/131072.*65536/);
    expect(new UnknownImportError([{ module: 'env', name: 'abort', problem: 'x' }]).message).toContain(
      '"env"."abort" (x)',
    );
    expect(new ModuleShapeError({ abi: 'guard', missing: ['one', 'two'] }).message).toBe(
      'The module is not a guard: one; two.',
    );
    expect(new MessageError({ exportName: 'tools', field: '', problem: 'is not JSON' }).message).toBe(
      `The guest's message of "tools" is not JSON.`,
    );
  });

  test("a guard's reason is cut, for it may be the policy itself", () => {
    expect(new PolicyRejectedError('x'.repeat(10_000)).message.length).toBeLessThan(600);
  });
});
