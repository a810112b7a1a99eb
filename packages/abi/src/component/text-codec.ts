import type { Codec } from './codec.ts';
import type { Crossing } from './crossing.ts';
import { pairCodec } from './pair-codec.ts';

/** A string beside its characters. */
const HELD_BYTES = 32;
const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true, fatal: true });

/** Says of a length in the encoding `latin1+utf16` that it counts units of UTF-16. */
const IS_UTF16 = 0x80000000;
/** Texts of so many bytes are looked at one by one. */
const SHORT_BYTES = 32;
const LAST_ASCII = 0x7f;
/** Of UTF-8 for one unit of UTF-16. */
const MOST_BYTES_OF_A_UNIT = 3;
const scratch = new Uint8Array(16_384);
/** Characters that are made at once out of Latin-1. */
const CHUNK = 8_192;

/** Strings, in whichever encoding the guest has. What is not in that encoding traps. */
export const textCodec: Codec = pairCodec(liftText, lowerText, HELD_BYTES);

function liftText(crossing: Crossing, pointer: number, length: number): string {
  switch (crossing.encoding) {
    case 'utf8':
      return decoded(crossing, utf8, pointer, length, 1);
    case 'utf16':
      return decoded(crossing, utf16, pointer, length * 2, 2);
    case 'latin1+utf16': {
      if (length >= IS_UTF16) return decoded(crossing, utf16, pointer, (length - IS_UTF16) * 2, 2);
      const start = crossing.range(pointer, length, 2);
      crossing.spend(length, 'from guest');
      return latin1(bytesAt(crossing, start, length));
    }
    default: {
      const unknown: never = crossing.encoding;
      throw new TypeError(String(unknown));
    }
  }
}

function decoded(crossing: Crossing, decoder: TextDecoder, pointer: number, byteLength: number, align: 1 | 2): string {
  const start = crossing.range(pointer, byteLength, align);
  crossing.spend(byteLength, 'from guest');
  if (align === 1 && byteLength <= SHORT_BYTES) {
    const text = shortAscii(crossing.bytes, start, start + byteLength);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(bytesAt(crossing, start, byteLength));
  } catch {
    return crossing.trap(`a string is not ${decoder.encoding === 'utf-8' ? 'UTF-8' : 'UTF-16'}`);
  }
}

/** A few characters are a text sooner than a decoder is called. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    const e = bytes[at + 4] as number;
    const f = bytes[at + 5] as number;
    const g = bytes[at + 6] as number;
    const h = bytes[at + 7] as number;
    if ((a | b | c | d | e | f | g | h) > LAST_ASCII) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > LAST_ASCII) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function bytesAt({ bytes }: Crossing, start: number, byteLength: number): Uint8Array {
  const end = start + byteLength;
  // Decoders refuse memory that other threads see.
  return bytes.buffer instanceof ArrayBuffer ? bytes.subarray(start, end) : bytes.slice(start, end);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return text;
}

function lowerText(crossing: Crossing, value: unknown): readonly [number, number] {
  const text = value as string;
  if (crossing.encoding === 'utf8') {
    if (text.length <= SHORT_BYTES && isAscii(text)) return [putAscii(crossing, text), text.length];
    const bytes = encoded(text);
    return [put(crossing, bytes, 1), bytes.length];
  }
  const units = text.toWellFormed();
  const isNarrow = crossing.encoding === 'latin1+utf16' && !hasWideUnit(units);
  const bytes = new Uint8Array(isNarrow ? units.length : units.length * 2);
  for (let index = 0; index < units.length; index++) {
    const unit = units.charCodeAt(index);
    if (isNarrow) {
      bytes[index] = unit;
    } else {
      bytes[index * 2] = unit & 0xff;
      bytes[index * 2 + 1] = unit >> 8;
    }
  }
  const length = crossing.encoding === 'utf16' || isNarrow ? units.length : units.length + IS_UTF16;
  return [put(crossing, bytes, 2), length];
}

function isAscii(text: string): boolean {
  let all = 0;
  for (let index = 0; index < text.length; index++) all |= text.charCodeAt(index);
  return all <= LAST_ASCII;
}

function putAscii(crossing: Crossing, text: string): number {
  crossing.spend(text.length, 'to guest');
  const pointer = crossing.allocate(text.length, 1);
  const { bytes } = crossing;
  for (let index = 0; index < text.length; index++) bytes[pointer + index] = text.charCodeAt(index);
  return pointer;
}

/** The bytes of a text, until the next one is encoded: making room for them anew takes longer than all the rest. */
function encoded(text: string): Uint8Array {
  if (text.length * MOST_BYTES_OF_A_UNIT > scratch.length) return encoder.encode(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function hasWideUnit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0xff) return true;
  }
  return false;
}

function put(crossing: Crossing, bytes: Uint8Array, align: 1 | 2): number {
  crossing.spend(bytes.length, 'to guest');
  const pointer = crossing.allocate(bytes.length, align);
  crossing.bytes.set(bytes, bytes.length === 0 ? 0 : pointer);
  return pointer;
}
