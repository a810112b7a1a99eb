import { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { PipeWriter } from '../../src/transport/pipe-writer.ts';

afterEach(() => {
  vi.useRealTimers();
});

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

const MIB = 1024 * 1024;

const nextTick = () => new Promise((resolve) => process.nextTick(resolve));

function fullWriter() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const stuck = stuckPipe();
  const onStuck = vi.fn();
  const onFull = vi.fn();
  const writer = new PipeWriter(stuck.pipe, { onStuck, onFull });
  const block = [Buffer.alloc(MIB)];
  for (let i = 0; i < 256; i++) writer.write(block);
  expect(onFull).not.toHaveBeenCalled();
  writer.write(block);
  return { ...stuck, writer, onStuck, onFull };
}

test('what a reader does not take is bounded: first what may be left out, then the pipe is given up', () => {
  const { pipe } = stuckPipe();
  const leaving = new PipeWriter(pipe, { onStuck: () => {} });
  expect(leaving.leavesOut()).toBe(false);
  leaving.write([Buffer.alloc(MIB), Buffer.from('x')]);
  expect(leaving.leavesOut()).toBe(true);

  const { writer, onStuck, onFull } = fullWriter();
  expect(onFull.mock.calls).toEqual([[true]]);
  vi.advanceTimersByTime(9_999);
  expect(onStuck).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onStuck.mock.calls).toEqual([['unread']]);
  writer.write([Buffer.alloc(MIB)]);
  expect(writer.unsentBytes).toBeLessThanOrEqual(MIB);
});

test('a reader that takes something from time to time is never given up, and told when there is room again', async () => {
  const { take, onStuck, onFull, writer } = fullWriter();
  for (let i = 0; writer.isFull; i++) {
    expect(i).toBeLessThan(10);
    vi.advanceTimersByTime(9_999);
    take();
    await nextTick();
  }
  expect(onStuck).not.toHaveBeenCalled();
  expect(onFull.mock.calls).toEqual([[true], [false]]);
  vi.advanceTimersByTime(100_000);
  expect(onStuck).not.toHaveBeenCalled();
});

test('what was written last may be read for as long as it is read', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { pipe, take, taken } = stuckPipe();
  const onStuck = vi.fn();
  const writer = new PipeWriter(pipe, { onStuck });
  writer.write([Buffer.alloc(2 * MIB)]);
  writer.finish(1_000);
  while (writer.unsentBytes > 0) {
    vi.advanceTimersByTime(999);
    take();
    await nextTick();
  }
  expect(taken.join('')).toHaveLength(2 * MIB);
  expect(onStuck).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('what is written in one turn of the event loop leaves in one piece, in order', async () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, { onStuck: () => {} });
  writer.write([Buffer.from('a'), Buffer.from('b'), Buffer.from('\n')]);
  await Promise.resolve().then(() => writer.write([Buffer.from('c\n')]));
  expect(taken).toEqual([]);
  await new Promise((resolve) => process.nextTick(resolve));
  expect(taken).toEqual(['ab\nc\n']);
});

test('large frames are written at once and part by part, behind what waits', () => {
  const { pipe, taken, take } = stuckPipe();
  const writer = new PipeWriter(pipe, { onStuck: () => {} });
  const large = 'x'.repeat(20_000);
  writer.write([Buffer.from('a\n')]);
  writer.write([Buffer.from(large), Buffer.from('\n')]);
  take();
  take();
  expect(taken).toEqual(['a\n', large, '\n']);
});

test('frames do not pile up within a turn', () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, { onStuck: () => {} });
  for (let i = 0; i < 20; i++) writer.write([Buffer.from('x'.repeat(1_000))]);
  expect(taken).toEqual(['x'.repeat(17_000)]);
});

test('what waits for the end of the turn is written when it is asked for', () => {
  const { pipe, taken } = stuckPipe();
  const writer = new PipeWriter(pipe, { onStuck: () => {} });
  writer.write([Buffer.from('a\n')]);
  writer.flush();
  pipe.end();
  expect(taken).toEqual(['a\n']);
});

test('a pipe whose reader has gone is told once, and takes nothing more', async () => {
  const onStuck = vi.fn();
  const pipe = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const writer = new PipeWriter(pipe, { onStuck });
  writer.write([Buffer.from('a')]);
  await expect.poll(() => onStuck).toHaveBeenCalledOnce();
  writer.write([Buffer.from('b')]);
  expect(onStuck).toHaveBeenCalledOnce();
});
