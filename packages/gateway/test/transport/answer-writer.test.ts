import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ceilingCounts } from '../../src/ceilings.ts';
import { AnswerWriter } from '../../src/transport/answer-writer.ts';
import type { HttpResponse } from '../../src/transport/http-contract.ts';
import { UnreadTotal } from '../../src/transport/unread-total.ts';

const MIB = 1024 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

/** An answer of which the client takes nothing until it is told to. */
function stuckAnswer() {
  const taken: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const response = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk);
      waiting.push(done);
    },
  });
  const take = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => process.nextTick(resolve));
  };
  return { response: response as unknown as HttpResponse, taken, take };
}

describe('an answer', () => {
  test('leaves in order and in pieces, the next when one has been taken, and ends behind all', async () => {
    const { response, taken, take } = stuckAnswer();
    const total = new UnreadTotal();
    const writer = new AnswerWriter(response, total);
    writer.write([Buffer.from('begin '), Buffer.alloc(MIB, 'x')]);
    writer.write([Buffer.from(' end')]);
    writer.end();
    writer.write([Buffer.from('too late')]);
    expect([response.writableEnded, total.byteLength]).toEqual([false, MIB + 10]);
    for (let i = 0; !response.writableEnded; i++) {
      expect(response.writableLength).toBeLessThanOrEqual(262_144);
      expect(i).toBeLessThan(20);
      await take();
    }
    expect(Buffer.concat(taken).toString()).toBe(`begin ${'x'.repeat(MIB)} end`);
    expect([writer.unsentBytes, total.byteLength]).toEqual([0, 0]);
  });

  test('counts as kept until its last piece has been taken', async () => {
    const { response, take } = stuckAnswer();
    const total = new UnreadTotal();
    const writer = new AnswerWriter(response, total);
    writer.write([Buffer.alloc(MIB)]);
    for (let i = 0; i < 3; i++) await take();
    expect([writer.unsentBytes, total.byteLength]).toEqual([262_144, MIB]);
    await take();
    expect([writer.unsentBytes, total.byteLength]).toEqual([0, 0]);
  });

  const full = () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stuck = stuckAnswer();
    const writer = new AnswerWriter(stuck.response, new UnreadTotal());
    const block = [Buffer.alloc(MIB)];
    for (let i = 0; i < 257; i++) writer.write(block);
    return { ...stuck, writer };
  };

  test('of which more than 256 MiB wait ends its connection where nothing of it is read for 10 s', () => {
    const before = ceilingCounts.get('unsent-bytes') ?? 0;
    const { response } = full();
    vi.advanceTimersByTime(9_999);
    expect(response.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(response.destroyed).toBe(true);
    expect(ceilingCounts.get('unsent-bytes')).toBe(before + 1);
  });

  test('is given whole to a client that reads some of it from time to time', async () => {
    const { response, take, taken, writer } = full();
    writer.end();
    for (let i = 0; !response.writableEnded; i++) {
      expect(i).toBeLessThan(2_000);
      vi.advanceTimersByTime(9_999);
      await take();
    }
    expect(taken.reduce((sum, { length }) => sum + length, 0)).toBe(257 * MIB);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves nothing behind where its client goes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { response } = stuckAnswer();
    const total = new UnreadTotal();
    const writer = new AnswerWriter(response, total);
    for (let i = 0; i < 257; i++) writer.write([Buffer.alloc(MIB)]);
    const closed = once(response as unknown as Writable, 'close');
    response.destroy();
    await closed;
    expect([vi.getTimerCount(), total.byteLength]).toEqual([0, 0]);
  });
});

test('above what may wait for all, the client that has read nothing for longest is left, and the others have their answers', async () => {
  const total = new UnreadTotal(40 * MIB);
  const answers: ServerResponse[] = [];
  const server = createServer((_, response) => {
    answers.push(response);
    const writer = new AnswerWriter(response, total);
    writer.write([Buffer.alloc(16 * MIB)]);
    writer.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => {}).write('GET / HTTP/1.0\r\n\r\n');
    const before = answers.length;
    await expect.poll(() => answers.length).toBe(before + 1);
    return socket;
  };
  const lengthOf = async (socket: Socket): Promise<number> => {
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    await once(socket.resume(), 'close');
    return length;
  };
  try {
    const [first, second, third] = [await open(), await open(), await open()];
    expect(answers.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
    const lengths = await Promise.all([lengthOf(first), lengthOf(second), lengthOf(third)]);
    expect(lengths.map((length) => length > 16 * MIB)).toEqual([false, true, true]);
    await expect.poll(() => total.byteLength).toBe(0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
