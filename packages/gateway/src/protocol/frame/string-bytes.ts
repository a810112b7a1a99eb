/** What a byte means inside a string. The end of the buffer, undefined, is none of these. */
export const PLAIN = 0;
export const ENDS = 1;
export const ESCAPES = 2;
const FORBIDDEN = 3;
export const IN_STRING: Uint8Array = new Uint8Array(256).fill(FORBIDDEN, 0, 32);
IN_STRING[34] = ENDS;
IN_STRING[92] = ESCAPES;

/** What a byte means behind a backslash; anything else is no escape. */
export const SHORT_ESCAPE = 1;
export const UNICODE_ESCAPE = 2;
export const ESCAPED: Uint8Array = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) ESCAPED[byte] = SHORT_ESCAPE;
ESCAPED[117] = UNICODE_ESCAPE;

export const HEX: Uint8Array = new Uint8Array(256);
for (const byte of Buffer.from('0123456789abcdefABCDEF')) HEX[byte] = 1;
