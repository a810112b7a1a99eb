import { Writable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { PipeWriter } from '../../src/transport/pipe-writer.ts';

/** A pipe whose reader takes nothing until it is told to. */
function stuckPipe() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const pipe = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString('latin1'));
      waiting.push(done);
    },
  });
  return { pipe, taken, take: () => waiting.shift()?.() };
}

test('what a reader does not take is bounded: first what may be left out, then the pipe is given up', () => {
  const { pipe } = stuckPipe();
  const onStuck = vi.fn();
  const writer = new PipeWriter(pipe, onStuck);
  const block = [Buffer.alloc(1024 * 1024)];
  expect(writer.isSlow).toBe(false);
  writer.write(block);
  writer.write([Buffer.from('x')]);
  expect(writer.isSlow).toBe(true);
  while (pipe.writableLength <= 256 * 1024 * 1024) writer.write(block);
  const before = pipe.writableLength;
  expect(onStuck).not.toHaveBeenCalled();
  writer.write(block);
  writer.write(block);
  expect(onStuck).toHaveBeenCalledOnce();
  expect(pipe.writableLength).toBe(before);
});

test('small parts are written as one, large ones as they are', () => {
  const { pipe, taken, take } = stuckPipe();
  const writer = new PipeWriter(pipe, () => {});
  writer.write([Buffer.from('a'), Buffer.from('b'), Buffer.from('\n')]);
  expect(taken).toEqual(['ab\n']);
  const large = 'x'.repeat(20_000);
  writer.write([Buffer.from(large), Buffer.from('\n')]);
  take();
  take();
  take();
  expect(taken.slice(1).join('')).toBe(`${large}\n`);
});

test('a pipe whose reader has gone is told once, and takes nothing more', async () => {
  const onStuck = vi.fn();
  const pipe = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const writer = new PipeWriter(pipe, onStuck);
  writer.write([Buffer.from('a')]);
  await vi.waitFor(() => expect(onStuck).toHaveBeenCalledOnce());
  writer.write([Buffer.from('b')]);
  expect(onStuck).toHaveBeenCalledOnce();
});
