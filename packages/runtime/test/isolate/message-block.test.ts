import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMessageBuffer, MessageBlock } from '../../src/isolate/message-block.ts';

test('any text goes through, behind any offset, into a buffer that grows for both sides', () => {
  const buffer = createMessageBuffer(1024 * 1024);
  const [near, far] = [new MessageBlock(buffer), new MessageBlock(buffer)];
  const text = fc.string({ unit: 'grapheme', maxLength: 2_000 }).map((part) => part.repeat(20).toWellFormed());
  fc.assert(
    fc.property(text, fc.nat(100_000), (message, offset) => {
      const byteLength = near.writeText(message, 'to guest', offset);
      expect(far.readText(offset, offset + byteLength)).toBe(message);
    }),
  );
});

test('a byte order mark is part of the text', () => {
  const block = new MessageBlock(createMessageBuffer(1_024));
  expect(block.readText(0, block.writeText('\ufeffhello', 'to guest'))).toBe('\ufeffhello');
});

test('what is larger than the buffer may grow is refused, whole', () => {
  const block = new MessageBlock(createMessageBuffer(1_000));
  const refusal = { code: 'ABI_MESSAGE_TOO_LARGE', byteLength: 1_001, limitBytes: 1_000, direction: 'from guest' };
  expect(() => block.writeText('x'.repeat(1_001), 'from guest')).toThrow(expect.objectContaining(refusal));
  expect(() => block.writeBytes(new Uint8Array(1_001), 'from guest')).toThrow(expect.objectContaining(refusal));
  expect(block.writeText('x'.repeat(1_000), 'from guest')).toBe(1_000);
});
