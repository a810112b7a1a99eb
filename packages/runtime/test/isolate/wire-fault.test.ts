import {
  GuardBufferError,
  GuardCodeError,
  GuestOutOfMemoryError,
  MessageError,
  MessageTooLargeError,
  SpanError,
} from '@lockgate/abi';
import { describe, expect, test } from 'vitest';
import { faultOf, GuestExit, GuestFault } from '../../src/fault.ts';
import { decodeFault, encodeFault, sparesThread } from '../../src/isolate/wire-fault.ts';

const across = (error: unknown): Error => decodeFault(structuredClone(encodeFault(error)));

describe('what a call ended in, on the other side of a thread', () => {
  test.each([
    new SpanError({ pointer: 1, byteLength: 2, memoryByteLength: 3 }),
    new GuestOutOfMemoryError({ byteLength: 1, allocator: 'malloc' }),
    new MessageTooLargeError({ direction: 'from guest', byteLength: 2, limitBytes: 1 }),
    new MessageError({ exportName: 'tools', field: '[0]', problem: 'is odd' }),
    new GuardBufferError({ exportName: 'label_agent', problem: 'asks for too much' }),
    new GuardCodeError({ exportName: 'label_agent', guardCode: -7 }),
  ])('is the same error of abi: $code', (error) => {
    const other = across(error);
    expect(other).toBeInstanceOf(error.constructor);
    expect({ ...other, message: other.message }).toEqual({ ...error, message: error.message });
  });

  test('is the same fault, with the stack of its cause', () => {
    const cause = new WebAssembly.RuntimeError('unreachable');
    const other = across(new GuestFault('unreachable', { isTrap: true }, { cause }));
    expect(other).toMatchObject({ message: 'unreachable', isTrap: true });
    expect(other.cause).toMatchObject({ name: 'RuntimeError', message: 'unreachable', stack: cause.stack });
  });

  test('is a trap for whatever else was thrown', () => {
    expect(across('raised signal 6')).toMatchObject({ message: 'raised signal 6', isTrap: true });
  });
});

describe('a thread', () => {
  test.each([
    ['a trap', faultOf(new WebAssembly.RuntimeError('unreachable')), true],
    ['an exit', faultOf(new GuestExit(3)), true],
    ['a refusal of the host', new GuestFault('no', { isTrap: true }), true],
    ['an error of abi', new SpanError({ pointer: 1, byteLength: 2, memoryByteLength: 3 }), true],
    ['no room on the stack', faultOf(new RangeError('Maximum call stack size exceeded')), false],
    ['what no guest throws', new TypeError('undefined is not a function'), false],
  ])('after %s', (_, error, isSpared) => {
    expect(sparesThread(error)).toBe(isSpared);
  });
});
