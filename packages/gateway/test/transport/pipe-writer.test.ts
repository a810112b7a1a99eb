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
  expect(writer.leavesOut()).toBe(false);
  writer.write(block);
  writer.write([Buffer.from('x')]);
  expect(writer.leavesOut()).toBe(true);
  while (pipe.writableLength <= 256 * 1024 * 1024) writer.write(block);
  const before = pipe.writableLength;
  expect(onStuck).not.toHaveBeenCalled();
  writer.write(block);
  writer.write(block);
  expect(onStuck).toHaveBeenCalledOnce();
  expect(pipe.writableLength).toBe(before);
});

test('what is written in one turn of the event loop leaves in one piece, in order', async () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, () => {});
  writer.write([Buffer.from('a'), Buffer.from('b'), Buffer.from('\n')]);
  await Promise.resolve().then(() => writer.write([Buffer.from('c\n')]));
  expect(taken).toEqual([]);
  await new Promise((resolve) => process.nextTick(resolve));
  expect(taken).toEqual(['ab\nc\n']);
});

test('large frames are written at once and part by part, behind what waits', () => {
  const { pipe, taken, take } = stuckPipe();
  const writer = new PipeWriter(pipe, () => {});
  const large = 'x'.repeat(20_000);
  writer.write([Buffer.from('a\n')]);
  writer.write([Buffer.from(large), Buffer.from('\n')]);
  take();
  take();
  expect(taken).toEqual(['a\n', large, '\n']);
});

test('frames do not pile up within a turn', () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, () => {});
  for (let i = 0; i < 20; i++) writer.write([Buffer.from('x'.repeat(1_000))]);
  expect(taken).toEqual(['x'.repeat(17_000)]);
});

test('what waits for the end of the turn is written when it is asked for', () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, () => {});
  writer.write([Buffer.from('a\n')]);
  writer.flush();
  pipe.end();
  expect(taken).toEqual(['a\n']);
});

test('a pipe whose reader has gone is told once, and takes nothing more', async () => {
  const onStuck = vi.fn();
  const pipe = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const writer = new PipeWriter(pipe, onStuck);
  writer.write([Buffer.from('a')]);
  await expect.poll(() => onStuck).toHaveBeenCalledOnce();
  writer.write([Buffer.from('b')]);
  expect(onStuck).toHaveBeenCalledOnce();
});
