import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bindPlugin,
  exchange,
  exchangeAsync,
  exchangeInto,
  LockgateError,
  MessageTooLargeError,
  packSpan,
  place,
  SpanError,
  unpackSpan,
} from '../src/index.ts';
import { pluginModule } from './module-builder.ts';
import { scriptGuest } from './script-guest.ts';

const same = (text: string): string => text;

describe('exchange', () => {
  test('allocates, writes, calls, reads and frees, in this order', () => {
    const guest = scriptGuest();
    const call = (input: bigint): bigint => {
      guest.log.push(`call ${guest.memory.readText(unpackSpan(input))}`);
      return guest.answer('pong');
    };
    expect(exchange(guest, call, 'ping', same)).toBe('pong');
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'call ping', 'free 60000', 'free 1024']);
  });

  test('the asynchronous form waits at the call alone and does the same', async () => {
    const guest = scriptGuest();
    const { promise, resolve } = Promise.withResolvers<bigint>();
    const answer = exchangeAsync(guest, () => promise, 'ping', same);
    expect(guest.log).toEqual(['malloc 4 -> 1024']);
    resolve(guest.answer('pong'));
    await expect(answer).resolves.toBe('pong');
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 60000', 'free 1024']);
  });

  test('the form for bytes copies the answer to the room made for it, and frees as ever', () => {
    const guest = scriptGuest();
    const block = new Uint8Array(8).fill(7);
    const answered = exchangeInto(
      guest,
      () => guest.answer('pong'),
      'ping',
      (length) => block.subarray(2, 2 + length),
    );
    expect(answered).toBe(4);
    expect([...block]).toEqual([7, 7, ...Buffer.from('pong'), 7, 7]);
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 60000', 'free 1024']);
  });

  test('the form for bytes makes no room for what lies outside memory or is too long', () => {
    const guest = scriptGuest();
    const room = (): never => expect.unreachable();
    expect(() => exchangeInto(guest, () => packSpan({ pointer: 4_000_000_000, byteLength: 8 }), 'x', room)).toThrow(
      SpanError,
    );
    const short = { ...guest, memory: guest.memory, allocator: guest.allocator, maxMessageBytes: 3 };
    expect(() => exchangeInto(short, () => guest.answer('pong'), 'x', room)).toThrow(MessageTooLargeError);
  });

  test('the input span holds the exact bytes of any text or bytes, and a real guest echoes them', () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(pluginModule({ memories: [[0, 64]] })));
    const plugin = bindPlugin(exports);
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme' })),
        (message) => {
          const wellFormed = message.toWellFormed();
          expect(exchange(plugin, plugin.execute, message, same)).toBe(wellFormed);
          expect(exchange(plugin, plugin.execute, new TextEncoder().encode(message), same)).toBe(wellFormed);
        },
      ),
    );
  });

  test.each([16_383, 16_384, 16_385, 49_152, 200_000])('a text of %d characters arrives whole', (length) => {
    const guest = scriptGuest({ pages: 20 });
    for (const unit of ['a', 'ß', '猫']) {
      const message = unit.repeat(length);
      expect(exchange(guest, (input) => input, message, same)).toBe(message);
    }
  });

  test('without a message the export gets 0 and nothing is allocated', () => {
    for (const input of [undefined, '', new Uint8Array(0)]) {
      const guest = scriptGuest();
      expect(exchange(guest, (given) => (given === 0n ? guest.answer('none') : 0n), input, same)).toBe('none');
      expect(guest.log).toEqual(['free 60000']);
    }
  });

  test('an empty answer is an empty text and is not freed, wherever it points', () => {
    const guest = scriptGuest();
    expect(exchange(guest, () => 0xffff_ffffn << 32n, 'ping', same)).toBe('');
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 1024']);
  });

  test('a guest that answers with its own input has it freed once', () => {
    const guest = scriptGuest();
    expect(exchange(guest, (input) => input, 'ping', same)).toBe('ping');
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 1024']);
  });

  test('an answer that decode refuses is freed all the same', () => {
    const guest = scriptGuest();
    const refuse = (): never => {
      throw new RangeError('no');
    };
    expect(() => exchange(guest, () => guest.answer('pong'), 'ping', refuse)).toThrow(RangeError);
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 60000', 'free 1024']);
  });

  test('what the guest throws comes through as it is, and the guest is not called again', () => {
    const guest = scriptGuest();
    const trap = new WebAssembly.RuntimeError('unreachable');
    const call = (): never => {
      throw trap;
    };
    expect(() => exchange(guest, call, 'ping', same)).toThrow(trap);
    expect(guest.log).toEqual(['malloc 4 -> 1024']);
  });

  test('a rejected promise of the guest comes through as it is', async () => {
    const guest = scriptGuest();
    const trap = new WebAssembly.RuntimeError('unreachable');
    await expect(exchangeAsync(guest, () => Promise.reject(trap), 'ping', same)).rejects.toBe(trap);
    expect(guest.log).toEqual(['malloc 4 -> 1024']);
  });

  test('traps in free do not fail the call; each block is reported as a leak', () => {
    const guest = scriptGuest({
      free: () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    });
    expect(exchange(guest, () => guest.answer('pong!'), 'ping', same)).toBe('pong!');
    expect(guest.leaks).toEqual([5, 4]);
  });

  test('messages above the limit are refused in both directions, before they cost memory', () => {
    const guest = scriptGuest({ maxMessageBytes: 4 });
    expect(() => exchange(guest, () => 0n, 'five!', same)).toThrow(MessageTooLargeError);
    expect(guest.log).toEqual([]);
    const long = (): bigint => packSpan({ pointer: 60_000, byteLength: 0xffff_ffff });
    expect(() => exchange(guest, long, 'four', same)).toThrow(
      expect.objectContaining({ direction: 'from guest', byteLength: 0xffff_ffff, limitBytes: 4 }),
    );
    expect(guest.log).toEqual(['malloc 4 -> 1024', 'free 60000', 'free 1024']);
  });

  test('a block that malloc put outside memory is refused before anything is written', () => {
    for (const pointer of [131_069, 0xffff_fffe, -1]) {
      const guest = scriptGuest({ malloc: () => pointer });
      expect(() => exchange(guest, () => 0n, 'ping', same)).toThrow(SpanError);
    }
  });

  test('memory may grow anywhere in the sequence', () => {
    const guest = scriptGuest({
      malloc: () => {
        guest.raw.grow(1);
        return guest.raw.buffer.byteLength - 4;
      },
    });
    const call = (input: bigint): bigint => {
      expect(guest.memory.readText(unpackSpan(input))).toBe('ping');
      guest.raw.grow(1);
      return guest.answer('pong', guest.raw.buffer.byteLength - 4);
    };
    expect(exchange(guest, call, 'ping', same)).toBe('pong');
    expect(exchange(guest, call, 'ping', same)).toBe('pong');
  });

  test('an exchange inside the malloc of another one leaves its message alone', () => {
    const inner = scriptGuest();
    const outer = scriptGuest({
      malloc: () => {
        exchange(inner, (input) => input, 'XXXX', same);
        return 2048;
      },
    });
    expect(exchange(outer, (input) => input, 'ping', same)).toBe('ping');
  });

  test('whatever a hostile guest answers, the caller gets a text or a Lockgate error', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
        fc.integer(),
        fc.boolean(),
        fc.string(),
        (packed, pointer, bump, message) => {
          const guest = scriptGuest(bump ? {} : { malloc: () => pointer });
          try {
            expect(typeof exchange(guest, () => packed, message, same)).toBe('string');
          } catch (error) {
            expect(LockgateError.isInstance(error)).toBe(true);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('place leaves its block to the guest', () => {
    const guest = scriptGuest();
    expect(place(guest, 'answer')).toEqual({ pointer: 1024, byteLength: 6 });
    expect(guest.memory.readText({ pointer: 1024, byteLength: 6 })).toBe('answer');
    expect(place(guest, '')).toEqual({ pointer: 0, byteLength: 0 });
    expect(guest.log).toEqual(['malloc 6 -> 1024']);
  });
});
