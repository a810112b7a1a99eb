import { notJson } from './frame-error.ts';

const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const WORDS = ['true', 'false', 'null'];

/** Where the value that begins here ends: true, false, null or a number. @throws FrameError */
export function literalEnd(bytes: Buffer, start: number): number {
  for (const word of WORDS) {
    if (bytes[start] !== word.charCodeAt(0)) continue;
    for (let i = 1; i < word.length; i++) {
      if (bytes[start + i] !== word.charCodeAt(i)) notJson('a value that there is not', start);
    }
    return start + word.length;
  }
  const at = bytes[start] === MINUS ? start + 1 : start;
  return fractionEnd(bytes, bytes[at] === ZERO ? at + 1 : digitsEnd(bytes, at, 'a value is missing'));
}

/** Where a number ends whose whole part ends here. @throws FrameError */
export function fractionEnd(bytes: Buffer, start: number): number {
  let at = start;
  if (bytes[at] === DOT) at = digitsEnd(bytes, at + 1, 'a number without digits behind its point');
  if (bytes[at] !== 101 && bytes[at] !== 69) return at;
  const sign = bytes[++at];
  return digitsEnd(bytes, sign === PLUS || sign === MINUS ? at + 1 : at, 'a number without digits in its exponent');
}

/** Over one digit or more. */
function digitsEnd(bytes: Buffer, start: number, problem: string): number {
  let at = start;
  let byte = bytes[at];
  while (byte !== undefined && byte >= ZERO && byte <= NINE) byte = bytes[++at];
  if (at === start) notJson(problem, at);
  return at;
}
