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
    stream.resume(second.stream, first.ids[0] ?? '');
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
    stream.resume(second.stream, '0_1');
    expect(second.sent).toEqual(['the answer']);
    expect([second.ended, stream.isRead, stream.isEnded]).toEqual([true, false, true]);
    stream.send(frame('more'), false);
    expect(second.sent).toHaveLength(1);
  });

  test('is read by one client at a time; the end of the older connection changes nothing', () => {
    const stream = open();
    const [first, second] = [new Connection(), new Connection()];
    stream.attach(first.stream, false);
    stream.attach(second.stream, false);
    expect([first.ended, second.ended]).toEqual([true, false]);
    stream.detach(first.stream);
    stream.send(frame('a'), false);
    expect([first.sent, second.sent]).toEqual([[], ['a']]);
  });

  test('keeps nothing before somebody has read it', () => {
    const stream = open();
    stream.send(frame('early'), false);
    const connection = new Connection();
    stream.resume(connection.stream, '0_0');
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
