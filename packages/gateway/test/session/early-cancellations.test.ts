import { describe, expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { EarlyCancellations } from '../../src/session/early-cancellations.ts';

const cancelled = (requestId: unknown, reason = 'enough'): ObjectText => ObjectText.from({ requestId, reason });
const id = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function open() {
  const clock = { now: 0 };
  return { early: new EarlyCancellations(() => clock.now), clock };
}

describe('what a client has cancelled before it came', () => {
  test('ends one request of that client and that id', () => {
    const { early } = open();
    early.note('ada', cancelled(7));
    expect([early.take('bob', id(7)), early.take('ada', id('7')), early.take('ada', id(8))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(early.take('ada', id(7))).toMatchObject({ message: 'enough' });
    expect(early.take('ada', id(7))).toBeUndefined();
  });

  test('is forgotten after five seconds', () => {
    const { early, clock } = open();
    early.note('ada', cancelled(1));
    early.note('ada', cancelled(2));
    clock.now = 5_000;
    expect(early.take('ada', id(1))).toBeDefined();
    clock.now = 5_001;
    expect(early.take('ada', id(2))).toBeUndefined();
  });

  test('is bounded: a client that cancels without end loses its own oldest, and many lose those of the longest silent', () => {
    const { early } = open();
    early.note('ada', cancelled(1));
    for (let at = 0; at <= 100; at += 1) early.note('bob', cancelled(at));
    expect([early.take('bob', id(0)), early.take('ada', id(1))]).toEqual([undefined, expect.any(Error)]);
    expect(early.take('bob', id(100))).toBeDefined();
    early.note('ada', cancelled(2));
    for (let at = 0; at < 5_000; at += 1) early.note(`c${at}`, cancelled(1));
    expect([early.take('ada', id(2)), early.take('c4999', id(1))]).toEqual([undefined, expect.any(Error)]);
  });

  test('has no long ids and no long reasons', () => {
    const { early } = open();
    early.note('ada', cancelled('x'.repeat(300)));
    early.note('ada', cancelled(1, 'y'.repeat(1_000)));
    expect(early.take('ada', id('x'.repeat(300)))).toBeUndefined();
    expect(early.take('ada', id(1))?.message).toHaveLength(200);
  });
});
