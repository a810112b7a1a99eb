/**
 * The longest message that may be allowed, in bytes. Above it an engine may end the process, and not only throw: V8 of Node 26.10 does
 * ("Zone Allocation failed") where `JSON.stringify` is given a text of 2 ** 27 UTF-16 units, or of 2 ** 28 where all of it is Latin-1; Node 22.23 and 24.21 do not.
 * A text has at most as many units as its UTF-8 has bytes.
 */
export const LONGEST_MESSAGE_BYTES: number = 127 * 1024 * 1024;
