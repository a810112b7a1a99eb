import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { terminalLine } from '../../src/observe/terminal-line.ts';

const at = new Date(2026, 0, 2, 3, 4, 5, 6).toISOString();
const line = (fields: object): string => `${JSON.stringify({ level: 30, time: at, msg: 'loaded', ...fields })}\n`;

describe('a line on the terminal', () => {
  test('has the time of day, the level, the sentence and the fields', () => {
    expect(terminalLine(line({}), false)).toBe('[03:04:05.006] INFO: loaded\n');
    expect(terminalLine(line({ level: 40, module: 'a', n: [1] }), false)).toBe(
      '[03:04:05.006] WARN: loaded {"module":"a","n":[1]}\n',
    );
  });

  test('shows an error that was meant among the fields, and the stack of a fault below', () => {
    const err = { type: 'LoadError', code: 'LOADER_X', message: 'no' };
    expect(terminalLine(line({ level: 50, server: 's', err }), false)).toBe(
      `[03:04:05.006] ERROR: loaded {"server":"s","err":${JSON.stringify(err)}}\n`,
    );
    const stack = 'Error: no\n    at here\n    at there';
    expect(terminalLine(line({ err: { type: 'Error', message: 'no', stack } }), false)).toBe(
      '[03:04:05.006] INFO: loaded {"err":{"type":"Error","message":"no"}}\n    Error: no\n        at here\n        at there\n',
    );
  });

  test('has colours where they are wanted, and says the same', () => {
    const painted = terminalLine(line({ level: 50, module: 'a' }), true);
    expect(painted).toContain('\u001b[31mERROR');
    expect(stripVTControlCharacters(painted)).toBe(terminalLine(line({ level: 50, module: 'a' }), false));
  });

  test('lets no control character through but the line breaks of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (msg, text) => {
        const shown = terminalLine(line({ msg, text }), false);
        expect(shown.slice(0, -1)).not.toMatch(/\p{Cc}/u);
        expect(shown.at(-1)).toBe('\n');
      }),
    );
    expect(terminalLine(line({ msg: 'a\u001b[2J\u009b2J' }), false)).toContain(String.raw`a\u001b[2J\u009b2J`);
  });

  test('is shown as it is where a mask has made it something else than JSON', () => {
    expect(terminalLine('{"level":30,"port":********}\n', false)).toBe('{"level":30,"port":********}\n');
  });
});
