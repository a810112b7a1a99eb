import { Gate } from '@lockgate/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FLUSH_AFTER_MS, FLUSH_AT, LineWriter, MAX_PENDING } from '../../src/observe/line-writer.ts';

/** Keeps what is appended; refuses or holds it where a test says so. */
function openWriter() {
  const batches: string[] = [];
  const failures: string[] = [];
  const sink = {
    batches,
    failures,
    refuses: false,
    gate: undefined as Gate | undefined,
    appending: 0,
    most: 0,
    open: async () => {},
    reopen: async () => void batches.push('(reopened)'),
    async append(lines: string) {
      sink.most = Math.max(sink.most, ++sink.appending);
      await sink.gate?.pass();
      sink.appending--;
      if (sink.refuses) throw new Error('no space left');
      batches.push(lines);
    },
    closed: 0,
    async close() {
      sink.closed++;
    },
  };
  return { sink, writer: new LineWriter({ sink, onFailure: ({ message }) => failures.push(message) }) };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('lines', () => {
  test('are written together, a moment after the first of them', async () => {
    const { sink, writer } = openWriter();
    writer.write('a\n');
    await pass(FLUSH_AFTER_MS - 1);
    writer.write('b\n');
    expect(sink.batches).toEqual([]);
    await pass(1);
    expect(sink.batches).toEqual(['a\nb\n']);
    writer.write('c\n');
    await pass(FLUSH_AFTER_MS);
    expect(sink.batches).toEqual(['a\nb\n', 'c\n']);
  });

  test('are written at once when there are enough of them', async () => {
    const { sink, writer } = openWriter();
    writer.write('a\n');
    writer.write(`${'b'.repeat(FLUSH_AT)}\n`);
    await pass(0);
    expect(sink.batches).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that come while others are being written follow them, never beside them', async () => {
    const { sink, writer } = openWriter();
    const gate = new Gate();
    sink.gate = gate;
    writer.write('a\n');
    await pass(FLUSH_AFTER_MS);
    writer.write(`${'b'.repeat(FLUSH_AT)}\n`);
    await pass(10 * FLUSH_AFTER_MS);
    sink.gate = undefined;
    gate.open();
    await pass(0);
    expect(sink.batches.map((lines) => lines[0])).toEqual(['a', 'b']);
    expect(sink.most).toBe(1);
  });

  test('leave the process free to end', () => {
    vi.useRealTimers();
    const { writer } = openWriter();
    const before = process.getActiveResourcesInfo().length;
    writer.write('a\n');
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
  });

  test('that the sink refuses are counted, and the first time is told; later ones are written again', async () => {
    const { sink, writer } = openWriter();
    sink.refuses = true;
    for (const line of ['a\n', 'b\n']) {
      writer.write(line);
      writer.write(line);
      await pass(FLUSH_AFTER_MS);
    }
    expect({ lost: writer.lost, failures: sink.failures }).toEqual({ lost: 4, failures: ['no space left'] });
    sink.refuses = false;
    writer.write('c\n');
    await pass(FLUSH_AFTER_MS);
    expect(sink.batches).toEqual(['c\n']);
    expect(writer.lost).toBe(4);
  });

  test('beyond what may wait for a slow sink are counted and told of once; what waits is kept', async () => {
    const { sink, writer } = openWriter();
    const gate = new Gate();
    sink.gate = gate;
    const large = `${'x'.repeat(MAX_PENDING / 2 - 1)}\n`;
    writer.write(large);
    await pass(0);
    writer.write(large);
    writer.write('no room\n');
    writer.write('no room\n');
    expect(writer.lost).toBe(2);
    expect(sink.failures).toEqual([expect.stringContaining('too slow')]);
    gate.open();
    await pass(0);
    writer.write(large + large);
    await writer.close();
    expect(sink.batches).toEqual([large, large, large + large]);
    expect(writer.lost).toBe(2);
  });

  test('are all written, in order, before closing is over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 2 * FLUSH_AT }), fc.constant('pass' as const)), { maxLength: 20 }),
        async (steps) => {
          const { sink, writer } = openWriter();
          let said = '';
          for (const [index, step] of steps.entries()) {
            if (step === 'pass') await pass(FLUSH_AFTER_MS);
            else {
              const line = `${String(index).repeat(step)}\n`;
              said += line;
              writer.write(line);
            }
          }
          const closing = [writer.close(), writer.close()];
          writer.write('too late\n');
          await Promise.all(closing);
          expect(sink.batches.join('') === said).toBe(true);
          expect({ lost: writer.lost, closed: sink.closed, most: Math.max(sink.most, 1) }).toEqual({
            lost: 1,
            closed: 1,
            most: 1,
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a sink that cannot be opened is told of before the first line', async () => {
    const failures: string[] = [];
    const { sink } = openWriter();
    const shut = { ...sink, open: () => Promise.reject(new Error('not a folder')) };
    new LineWriter({ sink: shut, onFailure: ({ message }) => failures.push(message) });
    await pass(0);
    expect(failures).toEqual(['not a folder']);
  });

  test('go to the reopened sink from the next on, once what is being written has been', async () => {
    const { sink, writer } = openWriter();
    sink.gate = new Gate();
    writer.write('a\n');
    await pass(FLUSH_AFTER_MS);
    await sink.gate.reached;
    writer.reopen();
    writer.write('b\n');
    sink.gate.open();
    await writer.close();
    expect(sink.batches).toEqual(['a\n', '(reopened)', 'b\n']);
  });

  test('need not come for the sink to be reopened', async () => {
    const { sink, writer } = openWriter();
    writer.reopen();
    await pass(0);
    expect(sink.batches).toEqual(['(reopened)']);
    await writer.close();
  });
});
