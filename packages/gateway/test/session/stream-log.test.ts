import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilingCounts } from '../../src/ceilings.ts';
import { StreamLog } from '../../src/session/stream-log.ts';
import { StreamLogRoom } from '../../src/session/stream-log-room.ts';

const frame = (text: string) => [Buffer.from(text)];
const textsAfter = (log: StreamLog, id: string) => log.after(id).map((event) => event.frame.toString());

describe('the events of a session', () => {
  test('can be read again after each of them, those of their own stream only, in order', () => {
    const step = fc.constantFrom('0', '1', 'a');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (streams) => {
        const log = new StreamLog();
        const sent = streams.map((stream, at) => ({ stream, text: `${at}`, id: log.append(stream, frame(`${at}`)) }));
        expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
        for (const [at, { id, stream }] of sent.entries()) {
          expect(log.streamOf(id)).toBe(stream);
          const later = sent.slice(at + 1).filter((event) => event.stream === stream);
          expect(textsAfter(log, id)).toEqual(later.map(({ text }) => text));
        }
      }),
    );
  });

  test('can be read after an id that was given without an event', () => {
    const log = new StreamLog();
    const primed = log.nextId('0');
    log.append('1', frame('other'));
    log.append('0', frame('first'));
    expect(textsAfter(log, primed)).toEqual(['first']);
  });

  test.each(['', '0', '_1', '0_', '0_2', '0_x', '0_1_1', '__proto___1', `0_${'9'.repeat(20)}`, '0_-1', '0_1.0'])(
    'are not given for %j, which was never an id',
    (id) => {
      const log = new StreamLog();
      log.append('0', frame('a'));
      expect(log.streamOf(id)).toBeUndefined();
    },
  );

  test('are the last thousand', () => {
    const log = new StreamLog();
    const first = log.append('0', frame('first'));
    for (let i = 0; i < 1_200; i++) log.append('0', frame(String(i)));
    const kept = textsAfter(log, first);
    expect(kept).toHaveLength(1_000);
    expect(kept.at(-1)).toBe('1199');
  });

  test('are at most 4 MiB, the newest of them', () => {
    const log = new StreamLog();
    const first = log.append('0', frame('first'));
    for (const name of ['a', 'b', 'c', 'd', 'e']) log.append('0', frame(name.repeat(1024 * 1024)));
    expect(textsAfter(log, first).map((text) => text[0])).toEqual(['b', 'c', 'd', 'e']);
    log.append('0', frame('x'.repeat(5 * 1024 * 1024)));
    expect(textsAfter(log, first)).toEqual([]);
    log.append('0', frame('small'));
    expect(textsAfter(log, first)).toEqual(['small']);
  });

  test('keep their bytes although the chunk they came in is used again', () => {
    const log = new StreamLog();
    const id = log.nextId('0');
    const chunk = Buffer.from('before');
    log.append('0', [chunk]);
    chunk.fill('x');
    expect(textsAfter(log, id)).toEqual(['before']);
  });
});

describe('the events of all sessions', () => {
  test('fill no more than their room: who keeps more than its part forgets its oldest, and the others keep theirs', () => {
    const room = new StreamLogRoom(100);
    const [quiet, loud] = [new StreamLog(room), new StreamLog(room)];
    const reached = ceilingCounts.get('kept-events') ?? 0;
    const first = quiet.append('0', frame('q'.repeat(10)));
    quiet.append('0', frame('r'.repeat(10)));
    const loudest = loud.append('0', frame('a'.repeat(30)));
    for (const name of ['b', 'c', 'd']) loud.append('0', frame(name.repeat(30)));
    expect(textsAfter(quiet, first)).toEqual(['r'.repeat(10)]);
    expect(textsAfter(loud, loudest).map((text) => text[0])).toEqual(['c', 'd']);
    expect(ceilingCounts.get('kept-events')).toBe(reached + 2);
  });

  test('make room when their session ends, and none is kept after it', () => {
    const room = new StreamLogRoom(100);
    const [gone, other] = [new StreamLog(room), new StreamLog(room)];
    const last = gone.append('0', frame('a'.repeat(90)));
    gone.close();
    gone.close();
    gone.append('0', frame('late'));
    expect(textsAfter(gone, last)).toEqual([]);
    const first = other.append('0', frame('b'));
    other.append('0', frame('c'.repeat(95)));
    expect(textsAfter(other, first)).toHaveLength(1);
  });
});
