import { describe, expect, test } from 'vitest';
import { ResumableStream } from '../../src/session/resumable-stream.ts';
import { StreamLog } from '../../src/session/stream-log.ts';
import type { EventStream } from '../../src/transport/event-stream.ts';

/** A connection that keeps what is sent on it. */
class Connection {
  readonly sent: string[] = [];
  readonly ids: (string | undefined)[] = [];
  isSlow = false;
  leavesOut = (): boolean => this.isSlow;
  ended = false;

  event(frame: readonly Buffer[], id?: string): void {
    this.sent.push(Buffer.concat(frame).toString());
    this.ids.push(id);
  }

  text(text: string): void {
    this.sent.push(text);
  }

  end(): void {
    this.ended = true;
  }

  get stream(): EventStream {
    return this as unknown as EventStream;
  }
}

const frame = (text: string) => [Buffer.from(text)];
const open = () => new ResumableStream('0', new StreamLog());
const openFor = (request: string, log = new StreamLog()) => new ResumableStream('0', log, Buffer.from(request));

/** The id that an event without data gives to resume after. */
const primedId = (sent: string | undefined): string => /^id: (\S+)\n/.exec(sent ?? '')?.[1] ?? '';

describe('a stream', () => {
  test('gives each event an id, and an id to resume after before the first to clients that understand it', () => {
    const stream = open();
    const connection = new Connection();
    stream.attach(connection.stream, true);
    stream.send(frame('a'), false);
    expect(connection.sent).toEqual(['id: 0_1\nretry: 1000\ndata: \n\n', 'a']);
    expect(connection.ids).toEqual(['0_2']);
    const old = new Connection();
    open().attach(old.stream, false);
    expect(old.sent).toEqual([]);
  });

  test('goes on where it broke, whatever came while nobody read it', () => {
    const stream = open();
    const first = new Connection();
    stream.attach(first.stream, true);
    stream.send(frame('a'), false);
    stream.send(frame('lost on the way'), false);
    stream.detach(first.stream);
    stream.send(frame('b'), true);
    const second = new Connection();
    stream.resume(second.stream, first.ids[0] ?? '', true);
    stream.send(frame('c'), false);
    expect(second.sent).toEqual(['lost on the way', 'b', 'c']);
    expect(new Set([...first.ids, ...second.ids]).size).toBe(4);
  });

  test('that has ended meanwhile is given to its end', () => {
    const stream = open();
    const first = new Connection();
    stream.attach(first.stream, true);
    stream.detach(first.stream);
    stream.end(frame('the answer'));
    const second = new Connection();
    stream.resume(second.stream, '0_1', true);
    expect(second.sent).toEqual(['the answer']);
    expect([second.ended, stream.isRead, stream.isEnded]).toEqual([true, false, true]);
    stream.send(frame('more'), false);
    expect(second.sent).toHaveLength(1);
  });

  test('can be resumed once more where the second connection broke before anything came on it', () => {
    const stream = openFor('7');
    const [first, second, third] = [new Connection(), new Connection(), new Connection()];
    stream.attach(first.stream, true);
    stream.send(frame('a question'), false);
    stream.resume(second.stream, first.ids[0] ?? '', true);
    expect(second.sent).toEqual([expect.stringMatching(/^id: 0_\d+\nretry: 1000\ndata: \n\n$/)]);
    stream.detach(second.stream);
    stream.end(frame('the answer'));
    stream.resume(third.stream, primedId(second.sent[0]), true);
    expect(third.sent).toEqual(['the answer']);
  });

  test('gives a client that does not understand them no event without data, nor one that has missed something', () => {
    const stream = open();
    const [first, old, missing] = [new Connection(), new Connection(), new Connection()];
    stream.attach(first.stream, false);
    stream.send(frame('a'), false);
    stream.send(frame('b'), false);
    stream.resume(old.stream, first.ids[1] ?? '', false);
    stream.resume(missing.stream, first.ids[0] ?? '', true);
    expect([old.sent, missing.sent]).toEqual([[], ['b']]);
  });

  describe('whose client was asked something, lost its connection and has answered', () => {
    /** What happens once the question has been sent on the first connection, of which the client has seen so much. */
    const run = (seen: 'the question' | 'nothing', steps: readonly ('cut seen' | 'resume' | 'answer')[]): string[] => {
      const stream = openFor('7');
      const [first, second] = [new Connection(), new Connection()];
      stream.attach(first.stream, true);
      stream.send(frame('the question'), false);
      const last = seen === 'nothing' ? primedId(first.sent[0]) : (first.ids[0] ?? '');
      for (const step of steps) {
        if (step === 'cut seen') stream.detach(first.stream);
        else if (step === 'resume') stream.resume(second.stream, last, true);
        else stream.end(frame('the answer'));
      }
      expect([second.ended, stream.isRead]).toEqual([true, false]);
      return second.sent.filter((text) => primedId(text) === '');
    };

    const ORDERS = [
      ['cut seen', 'resume', 'answer'],
      ['cut seen', 'answer', 'resume'],
      ['resume', 'cut seen', 'answer'],
      ['resume', 'answer', 'cut seen'],
      ['answer', 'cut seen', 'resume'],
      ['answer', 'resume', 'cut seen'],
    ] as const;

    test.each(ORDERS)('gives it the answer: %s, %s, %s', (...steps) => {
      expect(run('the question', steps)).toEqual(['the answer']);
      expect(run('nothing', steps)).toEqual(['the question', 'the answer']);
    });
  });

  test.each([
    ['is larger than what is kept', (stream: ResumableStream) => stream.end(frame('x'.repeat(5 * 1024 * 1024)))],
    [
      'has been pushed out by others',
      (stream: ResumableStream, log: StreamLog) => {
        stream.end(frame('the answer'));
        for (let i = 0; i < 1_000; i++) log.append('1', frame('other'));
      },
    ],
    [
      'has been forgotten since the configuration has changed',
      (stream: ResumableStream, log: StreamLog) => {
        stream.end(frame('the answer'));
        log.clear();
      },
    ],
  ])('tells a client that comes back for an answer which %s that it is lost', (_why, end) => {
    const log = new StreamLog();
    const stream = openFor('"seven"', log);
    const [first, second] = [new Connection(), new Connection()];
    stream.attach(first.stream, true);
    stream.detach(first.stream);
    end(stream, log);
    stream.resume(second.stream, primedId(first.sent[0]), true);
    const [told, ...more] = second.sent.map((text) => JSON.parse(text));
    expect(told).toMatchObject({ id: 'seven', error: { code: -32_000, data: { code: 'GATEWAY_CALL_ENDED' } } });
    expect(told.error.message).toMatch(/^The stream broke before this answer was read, .* at most 4 MiB/);
    expect([more, second.ended]).toEqual([[], true]);
    const again = new Connection();
    stream.resume(again.stream, second.ids[0] ?? '', true);
    expect(again.sent).toEqual([]);
  });

  test('gives each event to the newest connection alone, with which the others end: they may have nobody who reads them', () => {
    const stream = open();
    const [first, second, third] = [new Connection(), new Connection(), new Connection()];
    stream.attach(first.stream, false);
    stream.attach(second.stream, false);
    stream.send(frame('a'), false);
    stream.resume(third.stream, second.ids[0] ?? '', false);
    stream.send(frame('b'), false);
    stream.detach(second.stream);
    stream.send(frame('c'), false);
    expect([first.sent, second.sent, third.sent]).toEqual([[], ['a'], ['b', 'c']]);
    expect([first.ended, second.ended, third.ended, stream.isRead]).toEqual([false, false, false, true]);
    stream.detach(third.stream);
    expect([first.ended, stream.isRead]).toEqual([true, false]);
  });

  test('has four connections at most, and ends all of them where it ends', () => {
    const stream = open();
    const connections = Array.from({ length: 5 }, () => new Connection());
    for (const connection of connections) stream.attach(connection.stream, false);
    expect(connections.map(({ ended }) => ended)).toEqual([true, false, false, false, false]);
    stream.end(undefined);
    expect(connections.map(({ ended }) => ended)).toEqual([true, true, true, true, true]);
  });

  test('has no more to tell a client that has seen its answer, or whose call was cancelled, and has to one that has not', () => {
    const [answered, cancelled, own] = [openFor('7'), openFor('8'), open()];
    const seen = [answered, cancelled, own].map((stream) => {
      const connection = new Connection();
      stream.attach(connection.stream, true);
      stream.send(frame('progress'), false);
      expect(stream.isOver(connection.ids[0] ?? '')).toBe(false);
      return connection;
    });
    answered.end(frame('the answer'));
    cancelled.end(undefined);
    expect(answered.isOver(seen[0]?.ids[0] ?? '')).toBe(false);
    expect(answered.isOver(seen[0]?.ids[1] ?? '')).toBe(true);
    expect(cancelled.isOver(seen[1]?.ids[0] ?? '')).toBe(true);
    expect(own.isOver(seen[2]?.ids[0] ?? '')).toBe(false);
  });

  test('keeps nothing before somebody has read it', () => {
    const stream = open();
    stream.send(frame('early'), false);
    const connection = new Connection();
    stream.resume(connection.stream, '0_0', false);
    expect(connection.sent).toEqual([]);
  });

  test('leaves out what may be left out where its client reads too slowly, and counts it', () => {
    const stream = open();
    const connection = new Connection();
    stream.attach(connection.stream, false);
    connection.isSlow = true;
    stream.send(frame('news'), true);
    stream.send(frame('answer'), false);
    expect(connection.sent).toEqual(['answer']);
    expect(stream.dropped).toBe(1);
  });

  test('shows that it lives where it is read', () => {
    const stream = open();
    stream.sign();
    const connection = new Connection();
    stream.attach(connection.stream, false);
    stream.sign();
    expect(connection.sent).toEqual([': keepalive\n\n']);
  });
});
