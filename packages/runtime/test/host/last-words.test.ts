import { describe, expect, test } from 'vitest';
import { LastWords } from '../../src/host/last-words.ts';

function wordsOf(text: string): string | undefined {
  const words = new LastWords();
  for (const line of text.split('\n')) words.hear(line);
  return words.text;
}

describe('the last words of a call', () => {
  test.each([
    ['nothing', '', undefined],
    ['the last line', 'opening\nthe tank is empty\n\n', 'the tank is empty'],
    [
      'of a panic of Go what it was about, whatever came before and however long its stacks are',
      'opening\npanic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.greet(...)\n\t/plugin.go:40',
      'panic: runtime error: index out of range [5] with length 3',
    ],
    [
      'of a fatal error of Go the same',
      'fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1:',
      'fatal error: all goroutines are asleep - deadlock!',
    ],
    [
      'of a panic of Go all lines of its message, which it indents, and none of its stacks',
      'panic: first [recovered]\n\tpanic: again:\n\tfirst\n\ngoroutine 1 [running]:\nmain.greet(...)\n\t/plugin.go:40',
      'panic: first [recovered] panic: again: first',
    ],
    [
      'of what Rust ends for without a panic the reason, without the advice after it',
      'memory allocation of 64 bytes failed\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
      'memory allocation of 64 bytes failed',
    ],
    [
      'of an exception of JavaScript what it says, without its stack and how the engine ends',
      'opening\nError: boom!\nStack:\n  greet@greet.js:3:11\n@file:///greet.js:9:1\nRedirecting call to abort() to mozalloc_abort\n\n',
      'Error: boom!',
    ],
    [
      'how the engine of JavaScript ends, where it says nothing else',
      'Redirecting call to abort() to mozalloc_abort',
      'Redirecting call to abort() to mozalloc_abort',
    ],
    ['an address of mail', 'opening\nmail@example.com: refused', 'mail@example.com: refused'],
    ['a note of any other kind', 'opening\nnote: the tank is empty', 'note: the tank is empty'],
    [
      'of a panic of Rust place and message, without the advice after it',
      "opening\n\nthread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nboom\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
      "thread '<unnamed>' (1) panicked at src/lib.rs:3:5: boom",
    ],
    [
      'of a panic of Rust all lines of its message, up to five',
      `thread 'main' panicked at a.rs:1:1:\n${['left', 'right', '3', '4', '5', '6'].join('\n')}`,
      "thread 'main' panicked at a.rs:1:1: left right 3 4 5",
    ],
    ['of two panics the later', 'panic: one\n\ngoroutine 1\npanic: two\n\ngoroutine 1', 'panic: two'],
    ['one line without what a terminal would obey', 'boom\u001b[31m\u0007 \u2028twice', 'boom [31m twice'],
  ])('are %s', (_what, text, words) => {
    expect(wordsOf(text)).toBe(words);
  });

  test('are cut at 500 characters', () => {
    expect(wordsOf('x'.repeat(501))).toBe(`${'x'.repeat(500)}…`);
    expect(wordsOf(`thread 'main' panicked at a.rs:1:1:\n${'x'.repeat(900)}`)).toHaveLength(501);
  });

  test('are forgotten when the call is over', () => {
    const words = new LastWords();
    words.hear('panic: boom');
    words.forget();
    expect(words.text).toBeUndefined();
    words.hear('next');
    expect(words.text).toBe('next');
  });
});
