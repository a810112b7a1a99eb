import { describe, expect, test } from 'vitest';
import { Trace } from '../../src/index.ts';

function trace(...lines: string[]): Trace {
  const made = new Trace();
  lines.forEach(made.record);
  return made;
}

describe('Trace', () => {
  test('accepts calls that enter and leave one after the other, and one that is still inside', () => {
    expect(() => trace('enter a', 'leave a', 'enter b c', 'leave b c', 'enter d').assertExclusive()).not.toThrow();
  });

  test.each([
    ['a second call', ['enter a', 'enter b'], '"enter b" came while "a" was inside'],
    ['any other line', ['enter a', 'configured'], '"configured" came while "a" was inside'],
    ['the wrong one leaving', ['enter a', 'leave b'], '"leave b" came while "a" was inside'],
    ['one leaving that never came', ['leave a'], '"leave a" came without its "enter"'],
  ])('shows %s', (_what, lines, message) => {
    expect(() => trace(...lines).assertExclusive()).toThrow(message);
  });

  test('tells when a line comes, or that it has come', async () => {
    const made = new Trace();
    const seen = Promise.all([made.seen('go'), made.seen('go')]);
    made.record('go');
    await seen;
    await made.seen('go');
    expect(made.after('g')).toEqual(['o']);
  });
});
